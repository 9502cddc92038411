"""Assessment of quantum-vulnerable assets, and planning of their replacement.

Pure functions of a request and a date. Policies, the threat's dates, rates and questions are data.
"""
