"""Addresses without a language."""

from django.urls import path

from members.views import feeds, pages

urlpatterns = [
    path("", pages.to_own_language, name="root"),
    path("embed/notices.js", feeds.script, name="notices_script"),
]
