"""Looks a service of a box up with python-zeroconf, and prints it as JSON."""
import json
import sys

from zeroconf import ServiceBrowser, Zeroconf

TYPE = "_downbeat._tcp.local."
found = []


class Listener:
    def add_service(self, zeroconf, kind, name):
        found.append(name)

    def update_service(self, zeroconf, kind, name):
        pass

    def remove_service(self, zeroconf, kind, name):
        pass


zeroconf = Zeroconf()
ServiceBrowser(zeroconf, TYPE, Listener())
info = zeroconf.get_service_info(TYPE, sys.argv[1] + "." + TYPE, 10000)
print(json.dumps({
    "browsed": sorted(set(found)),
    "server": info.server,
    "port": info.port,
    "addresses": sorted(info.parsed_addresses()),
    "text": {k.decode(): (v or b"").decode() for k, v in info.properties.items()},
}))
zeroconf.close()
