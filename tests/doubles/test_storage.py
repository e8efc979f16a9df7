"""Object storage as boto3 meets it: objects, parts, errors, effects, and what a reset leaves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ripstop.doubles import Double, Request
from ripstop.doubles.loading import load
from ripstop.errors import UsageError

from ..seams.http_harness import Served, served


@pytest.fixture
def files() -> Iterator[Served]:
    with served(load("s3:uploads", Path(), name="files")) as server:
        yield server


@pytest.fixture
def s3(files: Served) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=files.url,
        aws_access_key_id="AKIATEST",
        aws_secret_access_key="secret",
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 0}),
    )


def kinds(files: Served) -> list[str]:
    return [effect.kind for effect in files.double.ledger.effects()]


def test_an_object_comes_back_as_it_was_put_and_is_one_effect(files: Served, s3: Any) -> None:
    s3.put_object(
        Bucket="uploads", Key="a/b c.txt", Body=b"hello", ContentType="text/plain", Metadata={"k": "v"}
    )
    got = s3.get_object(Bucket="uploads", Key="a/b c.txt")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"hello", "text/plain", {"k": "v"})
    (effect,) = files.double.ledger.effects("object")
    assert (effect.data["id"], effect.data["size"]) == ("uploads/a/b c.txt", 5)


def test_head_list_and_copy_work(files: Served, s3: Any) -> None:
    s3.put_object(Bucket="uploads", Key="a", Body=b"12345")
    s3.copy_object(Bucket="uploads", Key="b", CopySource="uploads/a")
    assert s3.head_object(Bucket="uploads", Key="b")["ContentLength"] == 5
    assert [one["Key"] for one in s3.list_objects_v2(Bucket="uploads")["Contents"]] == ["a", "b"]
    assert kinds(files) == ["object", "object"]


def test_deleting_compensates_the_object(files: Served, s3: Any) -> None:
    s3.put_object(Bucket="uploads", Key="a", Body=b"1")
    s3.delete_object(Bucket="uploads", Key="a")
    gone = files.double.ledger.effects("object deletion")[0]
    assert (gone.data["compensates"], gone.data["original"]) == ("object", "uploads/a")


def test_an_object_in_parts_is_one_effect_once_it_is_complete(files: Served, s3: Any) -> None:
    where = {"Bucket": "uploads", "Key": "big"}
    upload = s3.create_multipart_upload(**where)["UploadId"]
    part = s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"x" * 1000)
    assert kinds(files) == []
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=parts)
    assert kinds(files) == ["object"]


@pytest.mark.parametrize(("bucket", "code"), [("uploads", "NoSuchKey"), ("elsewhere", "NoSuchBucket")])
def test_what_is_not_there_raises_what_s3_raises(s3: Any, bucket: str, code: str) -> None:
    with pytest.raises(ClientError) as met:
        s3.get_object(Bucket=bucket, Key="none")
    assert met.value.response["Error"]["Code"] == code


def test_a_refused_put_is_no_effect(files: Served, s3: Any) -> None:
    with pytest.raises(ClientError):
        s3.put_object(Bucket="elsewhere", Key="a", Body=b"1")
    assert kinds(files) == []


def test_a_reset_forgets_objects_and_keeps_buckets(files: Served, s3: Any) -> None:
    s3.create_bucket(Bucket="made-at-start")
    s3.put_object(Bucket="uploads", Key="a", Body=b"1")
    files.double.reset()
    assert {one["Name"] for one in s3.list_buckets()["Buckets"]} == {"made-at-start", "uploads"}
    assert "Contents" not in s3.list_objects_v2(Bucket="uploads")


def test_crossings_are_named_without_buckets_and_keys(files: Served, s3: Any) -> None:
    s3.put_object(Bucket="uploads", Key="a/b", Body=b"1")
    s3.list_objects_v2(Bucket="uploads")
    assert [operation for operation, _, _ in files.trace()] == [
        "PUT /{bucket}/{key}",
        "GET /{bucket}?list-type",
    ]


def test_the_bucket_may_stand_in_the_host(files: Served) -> None:
    host = (("host", "uploads.s3.eu-west-1.amazonaws.com"),)
    assert files.double.respond(Request("PUT", "/a/b", host, b"1")).status == 200
    assert files.double.ledger.effects()[0].data["id"] == "uploads/a/b"


def test_an_outage_has_s3_s_shape(files: Served, s3: Any) -> None:
    body = files.double.facts_for("PUT /{bucket}/{key}")[1][503].body
    assert b"<Code>SlowDown</Code>" in body


def test_a_name_no_bucket_can_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as met:
        load("s3:No_Such", tmp_path)
    assert met.value.slug == "double-bucket"


def test_without_moto_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moto.moto_server.werkzeug_app", None)
    with pytest.raises(UsageError, match="needs moto") as met:
        load("s3", Path())
    assert met.value.way_out == 'pip install "ripstop[storage]"'


def test_a_double_without_buckets_has_none() -> None:
    double: Double = load("s3", Path())
    assert b"<Buckets/>" in double.respond(Request("GET", "/")).body
