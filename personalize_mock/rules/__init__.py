"""Rules that a test declares with `mock.on`: answers, errors, faults, delays, and jobs that fail or hang.

The engine does not know this package. It offers two hooks that are used only if there are rules:
`Simulation.interceptor` replaces the execution of a call, and `Simulation.override` changes the lifecycle that the call
begins.
"""
