from django.urls import path

from thereafter.feedback.storefront import (
    answering,
    appeals,
    open_reviews,
    own_reviews,
    product_questions,
    product_reviews,
    questions,
    review_feed,
    reviewing,
    talking,
    thanking,
    votes,
    widgets,
)

app_name = "feedback_storefront"

urlpatterns = [
    path("a/<str:token>", answering.answer, name="answer"),
    path("o/<str:token>", answering.about_order, name="about_order"),
    path("l/<slug:code>", answering.open_link, name="open_link"),
    path("q/<str:token>/<slug:question_id>/", questions.question, name="question"),
    path("thanks/<str:token>", thanking.thanks, name="thanks"),
]
urlpatterns += [
    path("reviews/hidden/<str:token>", appeals.appeal, name="appeal"),
    path("reviews/mended/<str:token>", appeals.mended, name="mended"),
]
urlpatterns += [path("talk/<str:token>", talking.talk, name="talk")]
urlpatterns += [
    path("widgets/widgets.js", widgets.script, name="widget_script"),
    path("widgets/stars.json", widgets.stars, name="widget_stars"),
    path("widgets/list.json", widgets.document, name="widget_document"),
    path("widgets/<slug:kind>", widgets.widget, name="widget"),
    path("products/<path:product>/reviews", product_reviews.product_reviews, name="product_reviews"),
    path("photos/<slug:name>/<slug:size>.jpg", product_reviews.review_photo, name="review_photo"),
    path("votes/", votes.vote, name="vote"),
    path("report/", votes.report, name="report"),
    path("feed/<str:token>.xml", review_feed.feed, name="review_feed"),
]
urlpatterns += [
    path("reviews/of/<str:token>", reviewing.form, name="reviews"),
    path("reviews/of/<str:token>/thanks", reviewing.thanks, name="reviews_thanks"),
    path("reviews/own/<str:token>", own_reviews.own_review, name="own_review"),
    path("reviews/photo/<str:token>", own_reviews.own_photo, name="own_photo"),
    path("reviews/confirm/<str:token>", open_reviews.confirm, name="confirm_review"),
    path("products/<path:product>/write", open_reviews.write, name="write_review"),
]
urlpatterns += [
    path("products/<path:product>/ask", product_questions.ask, name="ask_question"),
    path("ask/yes/<str:token>", product_questions.confirm, name="confirm_question"),
    path("ask/<str:token>", product_questions.answer, name="answer_question"),
]
