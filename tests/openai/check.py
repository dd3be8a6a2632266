"""Whether the openai client for Python works with a gateway as it is.

Usage: check.py TEXT_URL EMBEDDING_URL FOLDER
What was asked and answered is left in FOLDER, for `laurel explain` to check.
"""
import json
import sys
import time
from pathlib import Path

import openai

SECRET = "the heliotrope ferry of Zanzibar"
PROMPT = f"It is a truth universally acknowledged, that {SECRET}"
MESSAGES = [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": PROMPT}]
STREAM = {"stream": True, "stream_options": {"include_usage": True, "include_receipt": True}}
PATIENCE_S = 180

text_url, embedding_url, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
text = openai.OpenAI(base_url=f"{text_url}/v1", api_key="none", timeout=120)
vectors = openai.OpenAI(base_url=f"{embedding_url}/v1", api_key="none", timeout=120)
written = [SECRET]


def check(name, holds, said=""):
    if not holds:
        sys.exit(f"{name}: {said}")
    print(f"ok  {name}")


def patiently(client, ask):
    """What is answered with a model that is there. Until a miner comes, and while the subnet changes its model, users try again."""
    until, last = time.monotonic() + PATIENCE_S, "no miner came"
    while time.monotonic() < until:
        try:
            for model in client.models.list().data:
                return ask(model.id)
        except (openai.NotFoundError, openai.InternalServerError, openai.RateLimitError) as error:
            last = error
        time.sleep(0.5)
    sys.exit(f"nothing within {PATIENCE_S} s: {last}")


def leave(name, request, answer, receipt):
    for what, content in [("request.json", json.dumps(request)), ("answer.json", answer), ("receipt.txt", receipt)]:
        (folder / f"{name}-{what}").write_text(content)


def whole_chat(model):
    # With what an ordinary client sends beside the question.
    request = dict(model=model, messages=MESSAGES, max_completion_tokens=24, temperature=0.7, n=1, user="me", seed=4)
    raw = text.chat.completions.with_raw_response.create(**request)
    answer = raw.parse()
    said = answer.choices[0].message.content
    check("chat", said and 0 < answer.usage.completion_tokens <= 24, answer)
    leave("chat", request, answer.model_dump_json(), raw.headers["x-laurel-receipt"])
    written.append(said)


def streamed_chat(model):
    request = dict(model=model, messages=MESSAGES, max_tokens=24, stop=["\n\n"], **STREAM)
    chunks = list(text.chat.completions.create(**request))
    said = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    usage = [chunk.usage for chunk in chunks if chunk.usage]
    receipts = [chunk.model_extra["laurel_receipt"] for chunk in chunks if "laurel_receipt" in chunk.model_extra]
    check("streamed chat", said and len(usage) == 1 and usage[0].completion_tokens > 0 and len(receipts) == 1, chunks)
    leave("stream", request, json.dumps([chunk.model_dump() for chunk in chunks]), receipts[0])
    written.append(said)


def completions(model):
    answer = text.completions.create(model=model, prompt=PROMPT, max_tokens=12)
    check("completion", answer.choices[0].finish_reason in ("stop", "length"), answer)
    pieces = text.completions.create(model=model, prompt=PROMPT, max_tokens=12, stream=True)
    said = "".join(choice.text for piece in pieces for choice in piece.choices)
    check("streamed completion", said)
    written.extend([answer.choices[0].text, said])


def embeddings(model):
    request = dict(model=model, input=[SECRET, "another text"])
    raw = vectors.embeddings.with_raw_response.create(**request)
    found = raw.parse()
    check("embeddings", [one.index for one in found.data] == [0, 1] and len(found.data[0].embedding) > 8, found)
    # The client asks for base64 by itself, and hands on numbers.
    sent = {**request, "encoding_format": "base64"}
    leave("embeddings", sent, found.model_dump_json(), raw.headers["x-laurel-receipt"])
    numbers = vectors.embeddings.create(**request, encoding_format="float")
    difference = max(abs(a - b) for a, b in zip(numbers.data[0].embedding, found.data[0].embedding))
    check("embeddings as numbers", difference < 1e-2, difference)


def refused(name, kind, expected, ask):
    try:
        ask()
    except kind as error:
        check(name, (error.code, error.param) == expected, error)
    else:
        sys.exit(f"{name}: it was not")


def refusals(model):
    chat = text.chat.completions.create
    refused(
        "an unknown model is refused",
        openai.NotFoundError,
        ("model_not_found", "model"),
        lambda: chat(model="gpt-x", messages=MESSAGES),
    )
    refused(
        "two choices are refused by name",
        openai.BadRequestError,
        ("invalid_parameter", "n"),
        lambda: chat(model=model, messages=MESSAGES, n=2),
    )


patiently(text, lambda model: check("models.retrieve", text.models.retrieve(model).id == model))
for client, ask in [(text, whole_chat), (text, streamed_chat), (text, completions), (vectors, embeddings), (text, refusals)]:
    patiently(client, ask)
(folder / "written.json").write_text(json.dumps(written))
