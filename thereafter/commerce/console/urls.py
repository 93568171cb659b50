from django.urls import path

from thereafter.commerce.console.views import customers, orders, products, search

app_name = "commerce_console"

urlpatterns = [
    path("orders/", orders.index, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("customers/", customers.index, name="customers"),
    path("customers/<int:customer_id>/", customers.customer, name="customer"),
    path("products/", products.index, name="products"),
    path("products/<int:product_id>/", products.product, name="product"),
    path("search/", search.index, name="search"),
]
