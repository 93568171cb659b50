"""Merchants' pages of returns, below /console/<store>/."""

from django.urls import path

from thereafter.returns.console import (
    credit,
    links,
    payments,
    photos,
    policy,
    policy_rules,
    refunds,
    settings,
    simulator,
    simulator_replay,
    withdrawals,
)

app_name = "returns_console"
urlpatterns = [
    path("refunds/", refunds.index, name="refunds"),
    path("refunds/settings/", payments.settings, name="refund_settings"),
    path("refunds/<int:grant_id>/", refunds.grant, name="refund"),
    path("refunds/<int:grant_id>/withdraw/", refunds.withdraw, name="withdraw_refund"),
    path("refunds/shares/<int:share_id>/", refunds.do, name="do_refund"),
    path("refunds/notes/<int:note_id>.pdf", refunds.note, name="credit_note"),
    path("refunds/notes/<int:note_id>/cancel/", refunds.cancel_note, name="cancel_credit_note"),
    path("credit/", credit.index, name="credits"),
    path("credit/<int:credit_id>/", credit.account, name="credit_account"),
    path("returns/photos/<int:photo_id>", photos.photo, name="photo"),
    path("returns/links/", links.links_page, name="links"),
    path("withdrawals/", withdrawals.withdrawals, name="withdrawals"),
    path("withdrawals/new/", withdrawals.type_in, name="type_in_withdrawal"),
    path("withdrawals/<int:withdrawal_id>/", withdrawals.withdrawal, name="withdrawal"),
    path("withdrawals/<int:withdrawal_id>/do/", withdrawals.change, name="change_withdrawal"),
    path("returns/policy/", policy.policy, name="policy"),
    path("returns/policy/edit/", policy.edit, name="edit_policy"),
    path("returns/policy/text/", policy.as_text, name="policy_text"),
    path("returns/policy/start/", policy.start, name="start_policy"),
    path("returns/policy/discard/", policy.discard, name="discard_policy"),
    path("returns/policy/publish/", policy.review, name="review_policy"),
    path("returns/policy/versions/", policy.versions, name="policy_versions"),
    path("returns/policy/versions/back/", policy.go_back, name="back_to_policy"),
    path("returns/policy/rule/", policy_rules.rule, name="policy_rule"),
    path("returns/policy/rule/change/", policy_rules.change, name="change_rule"),
    path("returns/policy/try/", simulator.try_policy, name="try_policy"),
    path("returns/policy/replay/", simulator_replay.replay, name="replay_policy"),
    path("returns/policy/fees/", simulator_replay.fee_presets, name="fee_presets"),
    path("returns/settings/", settings.settings, name="settings"),
]
