"""Where shoppers ask about a product, say yes to their question by mail, and answer one as somebody who bought it.

The signed link of a mail is the key, not a cookie. Opening a link counts for nothing: link scanners open every one.
"""

from typing import Any

from django import forms
from django.core.validators import validate_email
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from thereafter.commerce.models import Customer, Product
from thereafter.commerce.rules.text import normal_email
from thereafter.feedback import question_links
from thereafter.feedback.actions import question_answers
from thereafter.feedback.actions import questions as actions
from thereafter.feedback.actions.questions import Asker
from thereafter.feedback.models import ProductQuestion, QuestionMail
from thereafter.feedback.queries import questions as queries
from thereafter.feedback.rules import questions as rules
from thereafter.feedback.rules.reviews import shown_name
from thereafter.feedback.storefront.turning_away import may_post, no_such_link, product_or_404
from thereafter.feedback.widget_facts import product_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.tokens import BadToken
from thereafter.storefront import sessions
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page


class QuestionForm(forms.Form):
    """`website` is filled in by machines only."""

    text = forms.CharField(
        label=gettext_lazy("Your question"),
        min_length=rules.SHORTEST,
        max_length=rules.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    name = forms.CharField(label=gettext_lazy("Your name, as others see it"), max_length=80, required=False)
    website = forms.CharField(required=False, max_length=200)


class StrangersQuestionForm(QuestionForm):
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        help_text=gettext_lazy("We send you one mail to confirm that the question is yours, and one with the answer."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("text", "name", "email", "website")

    def clean_email(self) -> str:
        """As customers' addresses are kept: what is none there could never be confirmed."""
        address = normal_email(self.cleaned_data["email"])
        if not address:
            raise forms.ValidationError(validate_email.message, code="invalid")
        return address


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def ask(request: ShopperRequest, product: str) -> HttpResponse:
    """What was answered before stands first: perhaps the answer is there already."""
    found = product_or_404(request, product)
    customer = sessions.customer_of(request, request.store)
    data = request.POST if request.method == "POST" else None
    form = _form(data, customer)
    if data is not None and form.is_valid():
        if not may_post(request):
            return refuse(request, 429)
        return _take(request, found, customer, form.cleaned_data)
    return _show(request, found, form)


def _form(data: Any, customer: Customer | None) -> QuestionForm:
    if customer is None:
        return StrangersQuestionForm(data)
    return QuestionForm(data, initial={"name": shown_name(customer.name)})


def _show(request: ShopperRequest, product: Product, form: QuestionForm) -> HttpResponse:
    q = request.GET.get("q", "").strip()[:200]
    alike = queries.alike(queries.answered(request.store, product.pk), q)
    context = {
        "product": product,
        "form": form,
        "q": q,
        "alike": [
            (one, [answer for answer in queries.answers_to(one) if answer.state == "published"]) for one in alike
        ],
        "here": request.path,
        "product_url": product_page(request.store, product),
        "page_title": _("Ask about %(product)s") % {"product": product.title},
    }
    return render(request, "feedback/storefront/ask_question.html", context, status=422 if form.errors else 200)


def _take(request: ShopperRequest, product: Product, customer: Customer | None, said: dict[str, Any]) -> HttpResponse:
    """The answer is the same whoever has this address, and for machines."""
    asker = Asker(customer=customer, email=said.get("email", ""), name=said["name"])
    if not said["website"]:
        actions.ask_about(product, asker, said["text"], language=get_language() or "", now=clock.now())
    context = {
        "product": product,
        "email": "" if customer else said["email"],
        "product_url": product_page(request.store, product),
    }
    return render(request, "feedback/storefront/question_taken.html", context)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def confirm(request: ShopperRequest, token: str) -> HttpResponse:
    """A press counts; opening the link shows the button."""
    try:
        pk = question_links.read_confirm(request.store, token)
    except (BadToken, ValueError):
        return no_such_link(request)
    question = ProductQuestion.objects.of(request.store).select_related("product", "store").filter(pk=pk).first()
    if question is None:
        return no_such_link(request)
    waits = question.state == ProductQuestion.State.UNCONFIRMED
    if waits and request.method == "POST":
        actions.confirm(question, now=clock.now())
        waits = False
    context = {
        "question": question,
        "waits": waits,
        "here": request.path,
        "product_url": product_page(request.store, question.product),
    }
    return render(request, "feedback/storefront/question_confirm.html", context)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def answer(request: ShopperRequest, token: str) -> HttpResponse:
    """A buyer answers, says that they do not know, or changes what they said."""
    try:
        mail = queries.mail_of(request.store, question_links.read_answer(request.store, token))
    except (BadToken, ValueError):
        mail = None
    if mail is None or mail.question.state == ProductQuestion.State.HIDDEN:
        return no_such_link(request)
    problem = _take_answer(request, mail) if request.method == "POST" else ""
    if request.method == "POST" and not problem:
        return redirect(f"{request.path}?said=thanks")
    given = queries.answer_of(mail)
    context = {
        "question": mail.question,
        "given": given,
        "text": request.POST.get("text", given.text if given else ""),
        "problem": problem,
        "was_said": request.GET.get("said", "") == "thanks",
        "declined": mail.declined_at is not None and given is None,
        "here": request.path,
        "product_url": product_page(request.store, mail.question.product),
        "page_title": _("A question about %(product)s") % {"product": mail.question.product.title},
    }
    return render(request, "feedback/storefront/answer_question.html", context, status=422 if problem else 200)


def _take_answer(request: ShopperRequest, mail: QuestionMail) -> str:
    """What is wrong with it, or nothing."""
    if request.POST.get("do") == "decline":
        question_answers.decline(mail, now=clock.now())
        return ""
    try:
        question_answers.answer_as_buyer(mail, request.POST.get("text", ""), now=clock.now())
    except rules.BadWords as error:
        too_long = _("Please write at most %(count)s characters.") % {"count": rules.LONGEST_ANSWER}
        return too_long if error.code == "long" else _("Write a few words first.")
    except question_answers.TooLate:
        return _("Answers can be changed for seven days; yours stays as it was.")
    return ""
