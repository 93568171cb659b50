from django import forms


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
