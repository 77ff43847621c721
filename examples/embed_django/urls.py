"""The addresses of the school's pages."""

from django.urls import path

from pupils import views

urlpatterns = [
    path("students/<child>", views.add_student),
    path("students/<child>/visits", views.add_visit),
    path("today", views.today),
]
