"""Synthetic data for tests and demos: users, items and interactions that a recommender can learn from.

The data describes a video shop. It consists of CSV texts and Avro schemas, ready for S3 and CreateSchema:

    from personalize_mock.synthetic import generate

    data = generate(seed=0, users=1000, items=1500, interactions=50_000)
    s3.put_object(Bucket="shop", Key="interactions.csv", Body=data.interactions)
    personalize.create_schema(name="interactions", schema=json.dumps(data.interactions_schema))

The data contain what models look for: genres that users prefer, films that are watched together, a few popular films,
prices and ages. With `mode="repeats"` users return to what they know, with `"sparse"` they have few interactions, with
`"drift"` their interests change, and with `"trend"` items come into fashion. The same arguments always give the same
bytes.
"""

from personalize_mock.synthetic.generator import SyntheticData, generate

__all__ = ["SyntheticData", "generate"]
