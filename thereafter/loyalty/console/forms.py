from django import forms


class AdjustForm(forms.Form):
    points = forms.IntegerField(
        label="Points",
        min_value=-1_000_000,
        max_value=1_000_000,
        help_text="Points to add; with a minus in front, points to take.",
    )
    reason = forms.CharField(label="Reason", max_length=200, help_text="The member reads this in their history.")
    # Makes the second press of the button the same adjustment.
    once = forms.CharField(max_length=40, widget=forms.HiddenInput)
