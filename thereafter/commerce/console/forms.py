from typing import Any

from django import forms

from thereafter.commerce.models import Product
from thereafter.commerce.rules import after_sale
from thereafter.commerce.rules.after_sale import AfterSale


class ProductForm(forms.Form):
    """What matters after the sale, by the names of `Product`."""

    category = forms.CharField(label="Category", max_length=120, required=False)
    care_guide = forms.CharField(
        label="Care guide",
        required=False,
        max_length=10_000,
        help_text="Shoppers read it on the order's page and in mails. Plain text; an empty line begins a paragraph.",
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    warranty_months = forms.IntegerField(
        label="Warranty in months", required=False, min_value=0, max_value=600, help_text="Counted from delivery."
    )
    replenish_days = forms.IntegerField(
        label="Used up after days",
        required=False,
        min_value=1,
        max_value=3650,
        help_text="When to ask about the next one.",
    )
    returnable = forms.BooleanField(label="May be sent back", required=False)
    final_sale = forms.BooleanField(label="Final sale: comes back only where the law says so", required=False)
    repairable = forms.BooleanField(label="We can repair it", required=False)
    flags = forms.MultipleChoiceField(
        label="The law knows it as",
        choices=list(after_sale.KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Such goods have no right of withdrawal in the EU, some only once their seal is broken.",
    )
    product_type = forms.CharField(label="Product type", max_length=120, required=False)
    vendor = forms.CharField(label="Vendor", max_length=120, required=False)
    tags = forms.CharField(
        label="Tags", max_length=1000, required=False, help_text="With commas between. Return policies ask for them."
    )

    @classmethod
    def of(cls, product: Product, data: Any = None) -> "ProductForm":
        said = after_sale.read(product.after_sale)._asdict()
        said["tags"] = ", ".join(said["tags"])
        own = {name: getattr(product, name) for name in cls.base_fields if name not in said}
        return cls(data, initial=own | said)

    def clean_tags(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (one.strip()[:80] for one in self.cleaned_data["tags"].split(",")))))

    def fields_of_product(self) -> dict[str, Any]:
        """By the names of `Product`."""
        said = {name: value for name, value in self.cleaned_data.items() if name in after_sale.FIELDS}
        own = {name: value for name, value in self.cleaned_data.items() if name not in said}
        return own | {"after_sale": after_sale.plain(AfterSale(**said | {"flags": tuple(said["flags"])}))}
