from django.urls import path

from thereafter.commerce.console.views import coupons, customers, orders, products, search, shop_access

app_name = "commerce_console"

urlpatterns = [
    path("orders/", orders.index, name="orders"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("customers/", customers.index, name="customers"),
    path("customers/<int:customer_id>/", customers.customer, name="customer"),
    path("products/", products.index, name="products"),
    path("products/<int:product_id>/", products.product, name="product"),
    path("coupons/", coupons.index, name="coupons"),
    path("coupons/new/", coupons.create, name="new_coupons"),
    path("coupons/preview/", coupons.preview, name="coupon_preview"),
    path("coupons/<int:pool_id>/", coupons.pool, name="coupon_pool"),
    path("coupons/<int:pool_id>/edit/", coupons.edit, name="edit_coupons"),
    path("coupons/<int:pool_id>/codes/", coupons.import_codes, name="import_coupons"),
    path("coupons/<int:pool_id>/archive/", coupons.archive, name="archive_coupons"),
    path("coupons/<int:pool_id>/push/", coupons.push_again, name="push_coupons"),
    path("coupons/<int:pool_id>/codes.csv", coupons.export, name="coupon_export"),
    path("settings/connections/<slug:source>/key/", shop_access.access, name="shop_access"),
    path("search/", search.index, name="search"),
]
