from django.urls import path

from thereafter.feedback.console import (
    answers,
    asking,
    exports,
    follow_ups,
    imports,
    questions,
    results,
    results_answers,
    results_compare,
    results_groups,
    review,
    review_groups,
    review_rules,
    reviews,
    reviews_report,
    reviews_second,
    reviews_settings,
    survey_edit,
    survey_links,
    survey_publish,
    survey_settings,
    surveys,
    themes,
    widgets,
)

app_name = "feedback_console"

urlpatterns = [
    path("feedback/results/", results.results, name="results"),
    path("feedback/results/<int:survey_id>/", results.survey_results, name="survey_results"),
    path("feedback/results/<int:survey_id>/groups/", results_groups.survey_groups, name="survey_groups"),
    path("feedback/results/<int:survey_id>/compare/", results_compare.survey_compare, name="survey_compare"),
    path("feedback/results/<int:survey_id>/answers/", results_answers.survey_answers, name="survey_answers"),
    path("feedback/results/<int:survey_id>/answers.csv", results_answers.survey_answers_csv, name="survey_answers_csv"),
]
urlpatterns += [
    path("feedback/follow-ups/", follow_ups.follow_ups, name="follow_ups"),
    path("feedback/follow-ups/<int:follow_up_id>/", follow_ups.follow_up, name="follow_up"),
    path("feedback/follow-ups/<int:follow_up_id>/owner/", follow_ups.take, name="follow_up_take"),
    path("feedback/follow-ups/<int:follow_up_id>/write/", follow_ups.write, name="follow_up_write"),
    path("feedback/follow-ups/<int:follow_up_id>/close/", follow_ups.close, name="follow_up_close"),
    path("feedback/follow-ups/<int:follow_up_id>/open/", follow_ups.open_again, name="follow_up_open"),
]

urlpatterns += [
    path("reviews/bring/", imports.imports, name="review_imports"),
    path("reviews/bring/<int:review_import_id>/", imports.one_import, name="review_import"),
    path("reviews/bring/<int:review_import_id>/begin/", imports.begin, name="review_import_begin"),
    path("reviews/bring/<int:review_import_id>/forget/", imports.drop, name="review_import_drop"),
    path("reviews/bring/<int:review_import_id>/mend/", imports.mend, name="review_import_mend"),
    path("reviews/bring/<int:review_import_id>/photos/", imports.fetch_again, name="review_import_photos"),
    path("reviews/bring/<int:review_import_id>/progress/", imports.progress, name="review_import_progress"),
    path("reviews/bring/<int:review_import_id>/refused.csv", imports.refused, name="review_import_refused"),
    path("reviews/take/", exports.exports, name="review_exports"),
    path("reviews/take/file/", exports.export_file, name="review_export_file"),
]

urlpatterns += [
    path("feedback/themes/", themes.themes, name="themes"),
    path("feedback/themes/other/", themes.other, name="theme_other"),
    path("feedback/themes/<int:theme_id>/", themes.theme, name="theme"),
    path("feedback/themes/<int:theme_id>/change/", themes.theme_change, name="theme_change"),
]
urlpatterns += [
    path("feedback/asking/", asking.asking, name="asking"),
    path("feedback/asking/decisions/", asking.decisions, name="decisions"),
]

urlpatterns += [
    path("reviews/widgets/", widgets.widgets, name="widgets"),
    path("reviews/widgets/keep/", widgets.keep_widgets, name="keep_widgets"),
    path("reviews/widgets/feed/", widgets.renew_feed, name="renew_feed"),
]
urlpatterns += [
    path("feedback/surveys/", surveys.surveys, name="surveys"),
    path("feedback/surveys/new/", surveys.new, name="survey_new"),
    path("feedback/surveys/new/make/", surveys.make, name="survey_make"),
    path("feedback/surveys/<int:survey_id>/", surveys.survey, name="survey"),
    path("feedback/surveys/<int:survey_id>/name/", surveys.rename, name="survey_rename"),
    path("feedback/surveys/<int:survey_id>/copy/", surveys.copy, name="survey_copy"),
    path("feedback/surveys/<int:survey_id>/archive/", surveys.archive, name="survey_archive"),
    path("feedback/surveys/<int:survey_id>/journey/", surveys.make_journey, name="survey_journey"),
    path("feedback/surveys/<int:survey_id>/edit/", survey_edit.edit, name="survey_edit"),
    path("feedback/surveys/<int:survey_id>/edit/do/", survey_edit.do, name="survey_do"),
    path("feedback/surveys/<int:survey_id>/edit/discard/", survey_edit.discard, name="survey_discard"),
    path("feedback/surveys/<int:survey_id>/edit/condition/", survey_edit.condition, name="survey_condition"),
    path("feedback/surveys/<int:survey_id>/preview/", survey_edit.preview, name="survey_preview"),
    path("feedback/surveys/<int:survey_id>/publish/", survey_publish.publish, name="survey_publish"),
    path("feedback/surveys/<int:survey_id>/versions/", survey_publish.history, name="survey_history"),
    path("feedback/surveys/<int:survey_id>/versions/restore/", survey_publish.restore, name="survey_restore"),
    path("feedback/surveys/<int:survey_id>/settings/", survey_settings.settings, name="survey_settings"),
    path("feedback/surveys/<int:survey_id>/links/", survey_links.links, name="survey_links"),
    path("feedback/surveys/<int:survey_id>/links/<int:open_link_id>/close/", survey_links.close, name="survey_link"),
    path("feedback/surveys/<int:survey_id>/links/<int:open_link_id>/card/", survey_links.card, name="survey_card"),
    path("feedback/surveys/<int:survey_id>/links/<int:open_link_id>/code.svg", survey_links.svg, name="survey_svg"),
    path("feedback/surveys/<int:survey_id>/links/<int:open_link_id>/code.png", survey_links.png, name="survey_png"),
]
urlpatterns += [
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/publish/", reviews.publish, name="publish_reviews"),
    path("reviews/photo/<int:review_photo_id>/", reviews.photo, name="review_photo"),
    path("reviews/second-look/", reviews_second.second, name="reviews_second"),
    path("reviews/second-look/<int:decision_id>/agree/", reviews_second.confirm, name="confirm_decision"),
    path("reviews/second-look/<int:decision_id>/refuse/", reviews_second.refuse, name="refuse_decision"),
    path("reviews/objection/<int:appeal_id>/", reviews_second.judge, name="decide_appeal"),
    path("reviews/how-we-moderate/", reviews_report.report, name="reviews_report"),
    path("reviews/how-we-moderate/log.csv", reviews_report.log, name="reviews_log"),
    path("reviews/settings/", reviews_settings.settings, name="reviews_settings"),
    path("reviews/rules/", review_rules.rules, name="review_rules"),
    path("reviews/rules/new/", review_rules.new, name="new_review_rule"),
    path("reviews/rules/<int:review_rule_id>/", review_rules.rule, name="review_rule"),
    path("reviews/rules/<int:review_rule_id>/remove/", review_rules.remove, name="remove_review_rule"),
    path("reviews/rules/<int:review_rule_id>/ready/", review_rules.add_ready, name="ready_review_attribute"),
    path("reviews/rules/<int:review_rule_id>/question/", review_rules.attribute, name="review_attribute"),
    path(
        "reviews/rules/<int:review_rule_id>/question/remove/",
        review_rules.remove_attribute,
        name="remove_review_attribute",
    ),
    path("reviews/groups/", review_groups.groups, name="review_groups"),
    path("reviews/groups/<int:review_group_id>/split/", review_groups.split, name="split_review_group"),
    path("reviews/<int:review_id>/", review.review, name="review"),
    path("reviews/<int:review_id>/publish/", review.publish, name="publish_review"),
    path("reviews/<int:review_id>/hide/", review.hide, name="hide_review"),
    path("reviews/<int:review_id>/photos/<int:review_photo_id>/hide/", review.hide_photo, name="hide_review_photo"),
    path("reviews/<int:review_id>/photos/<int:review_photo_id>/show/", review.show_photo, name="show_review_photo"),
    path("reviews/<int:review_id>/seen/", review.seen, name="review_seen"),
    path("reviews/<int:review_id>/reply/", review.reply, name="reply_review"),
    path("reviews/<int:review_id>/reply/remove/", review.remove_reply, name="remove_reply"),
    path("reviews/<int:review_id>/write/", review.write, name="write_to_author"),
    path("reviews/<int:review_id>/update/", review.ask_update, name="ask_review_update"),
    path("reviews/<int:review_id>/mend/", review.mend, name="mend_review"),
    path("reviews/<int:review_id>/first/", review.pin, name="pin_review"),
    path("reviews/<int:review_id>/follow-up/", review.follow_up, name="follow_up_review"),
]
urlpatterns += [
    path("feedback/questions/", questions.questions, name="questions"),
    path("feedback/questions/<int:question_id>/", questions.question, name="question"),
    path("feedback/questions/<int:question_id>/publish/", questions.publish, name="question_publish"),
    path("feedback/questions/<int:question_id>/hide/", questions.hide, name="question_hide"),
    path("feedback/questions/<int:question_id>/answer/", questions.answer, name="question_answer"),
    path("feedback/questions/<int:question_id>/answers/", questions.publish_answer, name="question_publish_answer"),
]
urlpatterns += [
    path("feedback/answers/<int:answer_id>/", answers.answer, name="answer"),
    path("feedback/answers/<int:answer_id>/photos/<int:answer_photo_id>/", answers.answer_photo, name="answer_photo"),
]
