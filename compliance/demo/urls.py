"""Addresses that only a demo has."""

from django.urls import path

from compliance.demo import views

app_name = "demo"
urlpatterns = [
    path("mail/", views.mail_list, name="mail"),
    path("mail/<str:name>", views.mail_detail, name="mail_detail"),
    path("mail/<str:name>/html", views.mail_html, name="mail_html"),
]
