"""What the shop's people type in about one review."""

from django import forms

from thereafter.feedback.rules.moderation import CHOICES
from thereafter.feedback.rules.reviews import LONGEST_BODY, LONGEST_TITLE


class HideForm(forms.Form):
    reason = forms.ChoiceField(label="Reason", choices=[("", "Choose a reason"), *CHOICES])
    note = forms.CharField(
        label="What shows it",
        required=False,
        max_length=1000,
        help_text="For your colleagues and the log; the author reads the reason only.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReplyForm(forms.Form):
    text = forms.CharField(
        label="Your answer",
        max_length=3000,
        help_text="Stands under the review for everybody. The author gets a mail the first time.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class PrivateForm(forms.Form):
    text = forms.CharField(
        label="Your message",
        max_length=3000,
        help_text="Goes to the author by mail and nowhere else. No reward for changing a review, please.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class UpdateForm(forms.Form):
    done = forms.CharField(
        label="What was done since",
        max_length=600,
        help_text="The mail says this, and that both changing and leaving the review are fine. It goes out once.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class MendForm(forms.Form):
    title = forms.CharField(label="Title", required=False, max_length=LONGEST_TITLE)
    body = forms.CharField(
        label="Words", required=False, max_length=LONGEST_BODY, widget=forms.Textarea(attrs={"rows": 5})
    )


class AppealForm(forms.Form):
    answer = forms.CharField(
        label="What the author is told",
        max_length=2000,
        help_text="Why it is shown again, or why it stays hidden.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
