"""Stand-ins of providers: processes on loopback that speak the interface of the real service."""
