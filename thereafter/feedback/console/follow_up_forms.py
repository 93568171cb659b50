from typing import Any

from django import forms

from thereafter.feedback.actions.follow_ups import Ending
from thereafter.feedback.rules.follow_ups import LONGEST_NOTE, OUTCOMES, REASONS
from thereafter.stores.models import Membership, Staff, Store

NO_OUTCOME = "none"


class WordsForm(forms.Form):
    text = forms.CharField(max_length=LONGEST_NOTE, strip=True)


class OwnerForm(forms.Form):
    owner = forms.ChoiceField(required=False, label="Colleague")

    def __init__(self, *args: Any, store: Store, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Membership.objects.of(store).select_related("staff").order_by("staff__name")
        self._staff = {str(one.staff.pk): one.staff for one in people if one.may("feedback.answer")}
        self.fields["owner"].choices = [("", "Nobody yet"), *((pk, one.name) for pk, one in self._staff.items())]  # type: ignore[attr-defined]  # of a choice field

    def chosen(self) -> Staff | None:
        return self._staff.get(self.cleaned_data["owner"])


class EndingForm(forms.Form):
    reason = forms.ChoiceField(label="Why they were unhappy", choices=[("", "Choose"), *REASONS.items()])
    outcome = forms.ChoiceField(
        label="What was done",
        choices=[("", "Choose"), *OUTCOMES.items(), (NO_OUTCOME, "Nothing: close without an outcome")],
    )
    ask_again_days = forms.IntegerField(
        label="Days until the same is asked again",
        help_text="0: do not ask again",
        min_value=0,
        max_value=180,
    )
    note = forms.CharField(label="Note for colleagues", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, asks: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks:
            del self.fields["ask_again_days"]

    def ending(self) -> Ending:
        outcome = self.cleaned_data["outcome"]
        return Ending(
            reason=self.cleaned_data["reason"],
            outcome="" if outcome == NO_OUTCOME else outcome,
            resolved=outcome != NO_OUTCOME,
            ask_again_days=self.cleaned_data.get("ask_again_days", 0),
            note=self.cleaned_data["note"],
        )
