"""Addresses without a language."""

from django.urls import path

from members.views import pages

urlpatterns = [path("", pages.to_own_language, name="root")]
