"""What happens to a service request, verb by verb. No HTTP, no forms, no templates' whereabouts.

receive → locate → assign → attend → resolve → inform; also decide, withdraw, sweep, forget.
"""
