"""Rules, which a test declares with `mock.on` to change what happens to certain calls.

A rule can answer a call, make it fail, delay it, or make the job that it begins fail or hang. The modules that
implement the operations do not import this package. Rules act through two attributes of `Simulation`. All calls go
through `interceptor`, which can answer them instead of the mock. `override` changes the statuses of the resource that
the current call creates or changes.
"""
