from django.urls import path

from thereafter.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.home, name="home"),
    path("demo/next/", views.next_step, name="next"),
    path("demo/again/", views.again, name="again"),
    path("demo/mail/", views.mail_list, name="mails"),
    path("demo/mail/<str:name>/", views.mail, name="mail"),
    path("demo/mail/<str:name>/body/", views.mail_body, name="mail_body"),
]
