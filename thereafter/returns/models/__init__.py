"""The tables of returns, by noun."""

from thereafter.returns.models.cases import Case, CaseQuerySet, CaseStep, CaseUnit, Photo, Remark
from thereafter.returns.models.goods import NewGoods
from thereafter.returns.models.money import Grant, GrantShare
from thereafter.returns.models.parcels import ParcelCase, ReturnParcel
from thereafter.returns.models.policies import PolicyVersion
from thereafter.returns.models.settings import ReturnSettings

__all__ = [
    "Case",
    "CaseQuerySet",
    "CaseStep",
    "CaseUnit",
    "Grant",
    "GrantShare",
    "NewGoods",
    "ParcelCase",
    "Photo",
    "PolicyVersion",
    "Remark",
    "ReturnParcel",
    "ReturnSettings",
]
