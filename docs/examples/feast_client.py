"""Reads features of customers with the client code of the PyPI package feast.

    pip install feast==0.67.0
    python docs/examples/feast_client.py [host:port, default 127.0.0.1:7101] [customer ...]
"""

import sys

import grpc
from feast.online_response import OnlineResponse
from feast.protos.feast.serving.ServingService_pb2 import (
    FeatureList,
    FieldStatus,
    GetFeastServingInfoRequest,
    GetOnlineFeaturesRequest,
)
from feast.protos.feast.serving.ServingService_pb2_grpc import ServingServiceStub
from feast.protos.feast.types.Value_pb2 import RepeatedValue, Value

address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7101"
customers = sys.argv[2:] or ["00004", "nobody"]
features = ["order:orders_lifetime", "order:days_since_last_order", "order:order_gap_mean_days"]

with grpc.insecure_channel(address) as channel:
    stub = ServingServiceStub(channel)
    print(stub.GetFeastServingInfo(GetFeastServingInfoRequest(), timeout=5).version)

    entities = {"customer_id": RepeatedValue(val=[Value(string_val=customer) for customer in customers])}
    answer = stub.GetOnlineFeatures(
        GetOnlineFeaturesRequest(features=FeatureList(val=features), entities=entities), timeout=5
    )
    for name, column in zip(answer.metadata.feature_names.val, answer.results):
        print(name, [FieldStatus.Name(status) for status in column.statuses])
    print(OnlineResponse(answer).to_dict())

    service = stub.GetOnlineFeatures(
        GetOnlineFeaturesRequest(feature_service="churn", entities=entities, full_feature_names=True), timeout=5
    )
    print("feature service churn:", len(service.results) - 1, "features, such as", service.metadata.feature_names.val[1])

    try:
        stub.GetOnlineFeatures(
            GetOnlineFeaturesRequest(features=FeatureList(val=["view:orders_lifetime"]), entities=entities), timeout=5
        )
    except grpc.RpcError as error:
        print(error.code().name, error.details())
