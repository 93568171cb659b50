from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from thereafter.commerce.actions import catalogue
from thereafter.commerce.console import lists
from thereafter.commerce.console.forms import ProductForm
from thereafter.commerce.models import Product
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render

PAGE = 30


@staff_page("products.read")
def index(request: StaffRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "")[:120].strip() for name in ("q", "category")}
    page = Paginator(lists.products(request.store, **asked), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "q": asked["q"],
        "asked": asked,
        "categories": [("", "Every category"), *((name, name) for name in lists.categories(request.store))],
        "query": "?" + urlencode({name: value for name, value in asked.items() if value} | {"page": ""}),
    }
    return render(request, "commerce/console/products.html", context | {"page_title": "Products"})


@staff_page("products.read")
def product(request: StaffRequest, product_id: int) -> HttpResponse:
    """A product with its variants; who may, edits what the shop system does not know."""
    product = get_object_or_404(Product.objects.of(request.store), pk=product_id)
    may_edit = request.membership.may("products.edit")
    form = ProductForm.of(product, request.POST or None)
    if request.method == "POST" and may_edit and form.is_valid():
        catalogue.edit_product(product, by=request.staff, now=clock.now(), **form.fields_of_product())
        messages.success(request, "Saved.")
        return redirect("commerce_console:product", request.store.slug, product.pk)
    context = {"product": product, "form": form, "may_edit": may_edit, "variants": product.variants.order_by("pk")}
    return render(request, "commerce/console/product.html", context | {"page_title": product.title})
