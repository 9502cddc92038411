"""Assessing what a quantum computer threatens, and planning its replacement.

Pure functions of a request and a day. Policies, the threat's dates, rates and questions are data.
"""
