from django import forms

from thereafter.feedback.rules import LONGEST_COMMENT, SCALES


class AnswerForm(forms.Form):
    """`score` comes when a face was pressed, `comment` from the form that asks for words."""

    score = forms.IntegerField(required=False, min_value=SCALES["csat"].low, max_value=SCALES["csat"].high)
    comment = forms.CharField(required=False, max_length=LONGEST_COMMENT, strip=True)
