"""What is typed in when a reward is handed over, or cancelled."""

from django import forms


class CancelForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=200, help_text="For you and your colleagues.")


class AddressForm(forms.Form):
    name = forms.CharField(label="Name", max_length=200)
    line1 = forms.CharField(label="Street and number", max_length=200)
    line2 = forms.CharField(label="More", max_length=200, required=False)
    postcode = forms.CharField(label="Postcode", max_length=20, required=False)
    city = forms.CharField(label="Town", max_length=100)
    region = forms.CharField(label="State or region", max_length=100, required=False)
    country = forms.CharField(label="Country, by its two letters", min_length=2, max_length=2)
    phone = forms.CharField(label="Phone", max_length=40, required=False)

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).upper()


class SentForm(forms.Form):
    note = forms.CharField(label="Carrier and number", max_length=300, required=False, help_text="The member reads it.")
