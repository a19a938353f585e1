"""Writes job-batch-v1.json, the strict schema of a Job that kubeconform holds our manifest against, from Kubernetes' own
description of its API (api/openapi-spec/v3/apis__batch__v1_openapi.json of k8s.io/kubernetes).

usage: python3 job_schema.py SPECIFICATION VERSION > job-batch-v1.json
"""

import json
import sys

JOB, PREFIX = "io.k8s.api.batch.v1.Job", "#/components/schemas/"
KEPT = {"$ref", "additionalProperties", "allOf", "format", "items", "oneOf", "properties", "required", "type"}


def strict(schema, used):
    """A schema without its texts, in which an object has no fields but those named; used gathers what it refers to."""
    kept = {key: value for key, value in schema.items() if key in KEPT}
    if "$ref" in kept:
        name = kept["$ref"].removeprefix(PREFIX)
        used.append(name)
        kept["$ref"] = "#/definitions/" + name
    if "properties" in kept:
        kept["properties"] = {name: strict(field, used) for name, field in kept["properties"].items()}
        kept["additionalProperties"] = False
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = strict(kept[key], used)
    for key in ("allOf", "oneOf"):
        if key in kept:
            kept[key] = [strict(one, used) for one in kept[key]]
    return kept


def main():
    specification, version = sys.argv[1:]
    with open(specification, encoding="utf-8") as file:
        schemas = json.load(file)["components"]["schemas"]
    definitions, used = {}, [JOB]
    while used:
        name = used.pop()
        if name not in definitions:
            definitions[name] = strict(schemas[name], used)
    job = definitions[JOB]
    job["required"] = ["apiVersion", "kind", "metadata", "spec"]
    job["properties"]["apiVersion"]["enum"], job["properties"]["kind"]["enum"] = ["batch/v1"], ["Job"]
    schema = {
        "$comment": f"Made by job_schema.py from the API of Kubernetes {version} (k8s.io/kubernetes, api/openapi-spec/v3/"
                    "apis__batch__v1_openapi.json). Copyright The Kubernetes Authors, Apache License 2.0.",
        "$ref": "#/definitions/" + JOB,
        "definitions": definitions,
    }
    json.dump(schema, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
