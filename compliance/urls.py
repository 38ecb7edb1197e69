"""Addresses of the house: the office, the people's pages by language, and the health pages."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from compliance import health

handler500 = "members.views.errors.server_error"

urlpatterns = [
    path("livez", health.alive, name="livez"),
    path("readyz", health.ready, name="readyz"),
    path("office/", admin.site.urls),
    path("", include("members.urls_public")),
]
urlpatterns += i18n_patterns(path("", include("members.urls")), prefix_default_language=True)

if settings.DEMO:
    urlpatterns += [path("demo/", include("compliance.demo.urls"))]
