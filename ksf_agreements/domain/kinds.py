"""The table of agreement kinds: a new kind is a new row."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ksf_agreements.domain.agreement import AgreementKind
from ksf_agreements.domain.ksf_cluster import KSF_CLUSTER

KINDS: Mapping[str, AgreementKind] = MappingProxyType({kind.id: kind for kind in (KSF_CLUSTER,)})
