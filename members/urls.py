"""Addresses of the people's pages, under a language: ``/en/mikmik/account/``."""

from django.urls import path

from members.views import (
    account,
    choices,
    cookies,
    data_copy,
    notices,
    pages,
    policy,
    policy_changes,
    sign_in,
    withdraw,
)

app_name = "members"
urlpatterns = [
    path("", pages.home, name="home"),
    path("<slug:service>/", pages.service_home, name="service"),
    path("<slug:service>/policy/", policy.in_force, name="policy"),
    path("<slug:service>/policy/<int:number>/", policy.version, name="policy_version"),
    path("<slug:service>/policy/<int:number>/changes/", policy_changes.page, name="policy_changes"),
    path("<slug:service>/recipients/", policy.recipients, name="recipients"),
    path("<slug:service>/notices/", notices.board, name="notices"),
    path("<slug:service>/notices/<int:number>/", notices.notice, name="notice"),
    path("<slug:service>/sign-in/", sign_in.member, name="sign_in"),
    path("<slug:service>/order-access/", sign_in.purchaser, name="order_access"),
    path("<slug:service>/code/", sign_in.enter_code, name="code"),
    path("<slug:service>/code/again/", sign_in.send_again, name="code_again"),
    path("<slug:service>/sign-out/", sign_in.leave, name="sign_out"),
    path("<slug:service>/signed-out/", sign_in.left, name="signed_out"),
    path("<slug:service>/cookies/", cookies.page, name="cookies"),
    path("<slug:service>/account/", account.overview, name="account"),
    path("<slug:service>/account/data/", account.data, name="data"),
    path("<slug:service>/account/choices/", choices.page, name="choices"),
    path("<slug:service>/account/copy/", data_copy.page, name="copy"),
    path("<slug:service>/account/copy/file/", data_copy.file, name="copy_file"),
    path("<slug:service>/account/withdraw/", withdraw.page, name="withdraw"),
    path("<slug:service>/withdrawn/", withdraw.done, name="withdrawn"),
]
