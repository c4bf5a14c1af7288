"""Synthetic data for tests and demos: users, items and interactions that a recommender can learn from.

The data describes an online video shop. It consists of CSV texts to upload to S3 and Avro schemas for CreateSchema:

    from personalize_mock.synthetic import generate

    data = generate(seed=0, users=1000, items=1500, interactions=50_000)
    s3.put_object(Bucket="shop", Key="interactions.csv", Body=data.interactions)
    personalize.create_schema(name="interactions", schema=json.dumps(data.interactions_schema))

The data has patterns that a model can find: users prefer certain genres, similar films are watched one after the other,
a few films are very popular, popular films cost slightly more, and preferences depend on age. With `mode="repeats"`,
users watch films again. With `"sparse"`, they have few interactions. With `"drift"`, their interests change. With
`"trend"`, films come into fashion. The same arguments always give the same data.
"""

from personalize_mock.synthetic.generator import SyntheticData, generate

__all__ = ["SyntheticData", "generate"]
