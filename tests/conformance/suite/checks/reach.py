"""Reachability: an evaluator that is not ours reads the policies, and must say what the spec says.

What the spec declares is worked out here a second time, from its text alone, and for every pair of peer and port.
"""

import ipaddress
import json
import re
from dataclasses import dataclass, field

from suite.tools import Broken, call

_NAME = "app.kubernetes.io/name"
_DNS = ("kube-system", {"k8s-app": "kube-dns"})
_NODE_CACHE = "169.254.20.10"
_PRIVATE = [
    ipaddress.ip_network(one) for one in ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]
_LINK_LOCAL = [ipaddress.ip_network(one) for one in ("169.254.0.0/16", "fe80::/10")]
_ADDRESSES = ("1.1.1.1", "10.1.2.3", "172.20.0.1", "192.168.7.7", "100.65.1.1", "169.254.169.254", _NODE_CACHE)
_ADDRESSES_6 = ("2606:4700::1111", "fd00:ec2::254", "fe80::1")
_PORTS = (22, 53, 80, 443, 6443)


@dataclass(frozen=True)
class Peer:
    """A pod with labels in a namespace, or an address outside the cluster."""

    title: str
    address: str
    namespace: str = ""
    labels: tuple = field(default=())

    def as_json(self):
        """As cyclonus reads it."""
        inside = None
        if self.namespace:
            name = {"kubernetes.io/metadata.name": self.namespace}
            inside = {"PodLabels": dict(self.labels), "NamespaceLabels": name, "Namespace": self.namespace}
        return {"Internal": inside, "IP": self.address}

    def matches(self, one):
        """Whether a caller or a need of the spec means this peer."""
        if "cidr" in one:
            network = ipaddress.ip_network(one["cidr"])
            address = ipaddress.ip_address(self.address)
            return address.version == network.version and address in network
        if self.namespace != one["namespace"]:
            return False
        return one["labels"].items() <= dict(self.labels).items()

    def within(self, networks):
        """Whether the address is in one of them."""
        address = ipaddress.ip_address(self.address)
        return any(address in one for one in networks if one.version == address.version)


def _peer_of(one):
    """A caller or a need as a namespace and labels; short forms written out."""
    if "cidr" in one or "internet" in one:
        return one
    service = one.get("service")
    namespace = one.get("namespace", service)
    labels = one.get("labels", {_NAME: service} if service else {})
    return {**one, "namespace": namespace, "labels": labels}


def callers(spec):
    """Who the spec says may call."""
    return [_peer_of({"service": one} if isinstance(one, str) else one) for one in spec.get("callers", [])]


def needs(spec):
    """Whom the spec says the service calls."""
    found = []
    for one in spec.get("needs", []):
        if isinstance(one, str):
            service, _, port = one.rpartition(":")
            one = {"service": service, "port": int(port)}
        found.append({"port": 443, **_peer_of(one)})
    return found


def gateway(spec):
    """Whose calls bring users: the peers of the Gateway or the Ingress controller."""
    given = spec.get("expose")
    if given is None:
        return []
    one = {} if isinstance(given, str) else given.get("gateway", {})
    if isinstance(one, str):
        namespace, _, name = one.rpartition("/")
        one = {"name": name, **({"namespace": namespace} if namespace else {})}
    blocks = [{"cidr": cidr} for cidr in one.get("cidrs", [])]
    if "ingressClass" in one:
        pods = "namespace" in one
        labels = {}
    else:
        # A load balancer outside of the cluster has no pods, unless some are named.
        pods = not blocks or "labels" in one or "podNamespace" in one
        labels = {"gateway.networking.k8s.io/gateway-name": one.get("name", "public")}
    if not pods:
        return blocks
    namespace = one.get("podNamespace", one.get("namespace", "gateway-system"))
    return [*blocks, {"namespace": namespace, "labels": one.get("labels", labels)}]


def exposed_port(tree):
    """The port of the pods that users reach: the first that speaks HTTP or gRPC."""
    names = [
        port["targetPort"]
        for service in tree.objects("Service")
        for port in service["spec"]["ports"]
        if port.get("appProtocol") in ("http", "kubernetes.io/h2c")
    ]
    ports = tree.pod()["spec"]["containers"][0].get("ports", [])
    return next((one["containerPort"] for one in ports if one["name"] == names[0]), None) if names else None


def _is_dns(peer, port):
    """Names are asked of the cluster's DNS and of its cache on the node, over UDP and TCP."""
    namespace, labels = _DNS
    pods = peer.namespace == namespace and labels.items() <= dict(peer.labels).items()
    return port == 53 and (pods or peer.address == _NODE_CACHE)


def may_come(tree, peer, port, protocol):
    """Whether the spec lets `peer` in."""
    declared = {one["containerPort"] for one in tree.pod()["spec"]["containers"][0].get("ports", [])}
    if protocol != "TCP" or port not in declared:
        return False
    if port == exposed_port(tree) and any(peer.matches(one) for one in gateway(tree.spec)):
        return True
    return any(peer.matches(one) for one in callers(tree.spec))


def may_go(tree, peer, port, protocol):
    """Whether the spec lets the service out to `peer`."""
    if _is_dns(peer, port):
        return True
    if protocol != "TCP":
        return False
    # The address of the API server is not known: its ports are open, but not to link-local addresses.
    if tree.spec.get("permissions") and port in (443, 6443) and not peer.within(_LINK_LOCAL):
        return True
    for one in needs(tree.spec):
        if port != one["port"]:
            continue
        if one.get("internet"):
            if not peer.within(_PRIVATE + _LINK_LOCAL):
                return True
        elif peer.matches(one):
            return True
    return False


def _peers(tree):
    """Everybody whom the spec names, and for each somebody who is almost that one."""
    found = [
        Peer("DNS", "10.244.9.9", _DNS[0], tuple(_DNS[1].items())),
        Peer("another pod beside DNS", "10.244.9.8", _DNS[0], ((_NAME, "metrics-server"),)),
        Peer("DNS labels elsewhere", "10.244.9.7", "elsewhere", tuple(_DNS[1].items())),
        Peer("a stranger", "10.244.9.6", "elsewhere", ((_NAME, "stranger"),)),
        Peer("a neighbour", "10.244.9.5", tree.namespace, ((_NAME, "neighbour"),)),
        Peer("the service itself", "10.244.9.4", tree.namespace, tuple(tree.pod()["metadata"]["labels"].items())),
    ]
    found += [Peer("an address", one) for one in (*_ADDRESSES, *_ADDRESSES_6)]
    for number, one in enumerate([*callers(tree.spec), *gateway(tree.spec), *needs(tree.spec)]):
        ip = f"10.244.{number}."
        if "cidr" in one:
            network = ipaddress.ip_network(one["cidr"])
            found.append(Peer("in a block", str(network[0])))
            found.append(Peer("at the end of a block", str(network[-1])))
            found.append(Peer("behind a block", str(network[-1] + 1)))
        elif not one.get("internet"):
            labels = tuple(one["labels"].items()) or (("any", "pod"),)
            found.append(Peer("declared", ip + "1", one["namespace"], (*labels, ("pod-template-hash", "x"))))
            found.append(Peer("declared namespace, other labels", ip + "2", one["namespace"], ((_NAME, "other"),)))
            found.append(Peer("declared labels, other namespace", ip + "3", "impostor", labels))
            found.append(Peer("declared labels, our namespace", ip + "4", tree.namespace, labels))
    return found


def _questions(tree):
    """Source, destination, port, protocol, and whether the spec says yes."""
    pod = tree.pod()
    ports = {one["containerPort"] for one in pod["spec"]["containers"][0].get("ports", [])}
    ports |= {one["port"] for service in tree.objects("Service") for one in service["spec"]["ports"]}
    ports |= {one["port"] for one in needs(tree.spec)}
    ports |= {one + 1 for one in ports} | set(_PORTS)
    labels = dict(pod["metadata"]["labels"])
    tracks = [labels]
    if "prodgen.dev/track" in labels:
        # A canary has the same callers and needs.
        tracks.append({**labels, "prodgen.dev/track": "canary"})
    peers = _peers(tree)
    # Pods that are in our namespace by somebody's mistake are shut in; in a namespace of others they are left alone.
    lost = Peer("a pod of nobody", "10.244.200.2", tree.namespace, ((_NAME, "nobody"),))
    for peer in peers:
        for port in _PORTS:
            yield peer, lost, port, "TCP", _both(tree, peer, lost, port, "TCP")
            yield lost, peer, port, "TCP", _both(tree, lost, peer, port, "TCP")
    for track in tracks:
        ours = Peer("ours", "10.244.200.1", tree.namespace, tuple(track.items()))
        for peer in peers:
            for port in sorted(ports):
                for protocol in ("TCP", "UDP"):
                    yield peer, ours, port, protocol, _both(tree, peer, ours, port, protocol)
                    yield ours, peer, port, protocol, _both(tree, ours, peer, port, protocol)


def _both(tree, source, target, port, protocol):
    """Both ends must agree, where policies select both."""
    out, into = True, True
    if _is_app(tree, source):
        out = may_go(tree, target, port, protocol)
    elif _is_denied(tree, source):
        out = _is_dns(target, port)
    if _is_app(tree, target):
        into = may_come(tree, source, port, protocol)
    elif _is_denied(tree, target):
        into = False
    return out and into


def _is_app(tree, peer):
    return peer.namespace == tree.namespace and dict(peer.labels).get(_NAME) == tree.app


def _is_denied(tree, peer):
    """The denial selects every pod of a namespace that is ours alone."""
    return peer.namespace == tree.namespace and tree.makes_namespace


def check(line, tools, tree, folder):
    """Asks cyclonus about every pair, and compares."""
    folder.mkdir(parents=True, exist_ok=True)
    policies = folder / "policies.json"
    items = tree.objects("NetworkPolicy")
    policies.write_text(json.dumps({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": items}))
    questions = list(_questions(tree))
    traffic = [
        {
            "Source": source.as_json(),
            "Destination": target.as_json(),
            "ResolvedPort": port,
            "ResolvedPortName": "",
            "Protocol": protocol,
        }
        for source, target, port, protocol, _ in questions
    ]
    (folder / "traffic.json").write_text(json.dumps(traffic))
    command = [tools.program("cyclonus"), "analyze", "--mode", "query-traffic", "--policy-path", str(policies)]
    done = call([*command, "--traffic-path", str(folder / "traffic.json")])
    answers = [one == "TRUE" for one in re.findall(r"^\|\s*IS ALLOWED\?\s*\|\s*(TRUE|FALSE)\b", done.stdout, re.M)]
    if done.returncode != 0 or len(answers) != len(questions):
        said = (done.stderr or done.stdout)[-800:]
        raise Broken(f"cyclonus gives {len(answers)} answers to {len(questions)} questions: {said}")
    for (source, target, port, protocol, wanted), got in zip(questions, answers):
        if got == wanted:
            line.count("ways that are open" if got else "ways that are shut")
        else:
            ends = [f"{one.title} ({one.namespace or one.address})" for one in (source, target)]
            state = "is open, and nobody declared it" if got else "is declared, and shut"
            line.find(tree.name, f"{ends[0]} to {ends[1]}, {protocol} {port}, {state}")
