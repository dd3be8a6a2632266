// Whether the openai client for JavaScript works with a gateway as it is.
// Usage: node check.mjs TEXT_URL EMBEDDING_URL
import OpenAI, { BadRequestError, InternalServerError, NotFoundError, RateLimitError } from "openai";

const PATIENCE_MS = 180_000;
const [textUrl, embeddingUrl] = process.argv.slice(2);
const clientOf = (url) => new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", timeout: 120_000 });
const [text, vectors] = [clientOf(textUrl), clientOf(embeddingUrl)];
const messages = [{ role: "user", content: "It is a truth universally acknowledged, that" }];

function check(name, holds, said) {
  if (!holds) {
    console.error(`${name}: ${JSON.stringify(said)}`);
    process.exit(1);
  }
  console.log(`ok  ${name}`);
}

// What is answered with a model that is there. Until a miner comes, and while the subnet changes its model, users try again.
async function patiently(client, ask) {
  const until = Date.now() + PATIENCE_MS;
  let last = "no miner came";
  while (Date.now() < until) {
    try {
      const { data } = await client.models.list();
      if (data.length > 0) return await ask(data[0].id);
    } catch (error) {
      if (![NotFoundError, InternalServerError, RateLimitError].some((kind) => error instanceof kind)) throw error;
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`nothing within ${PATIENCE_MS} ms: ${last}`);
}

async function refused(name, kind, [code, param], ask) {
  const error = await ask().then(() => null, (error) => error);
  check(name, error instanceof kind && error.code === code && error.param === param, String(error));
}

await patiently(text, async (model) => check("models.retrieve", (await text.models.retrieve(model)).id === model));
await patiently(text, async (model) => {
  const { data: chat, response } = await text.chat.completions
    .create({ model, messages, max_completion_tokens: 16, temperature: 0.7 })
    .withResponse();
  check("chat", chat.choices[0].message.content && chat.usage.completion_tokens <= 16, chat);
  check("its receipt", /^[0-9a-f]{400,}$/.test(response.headers.get("x-laurel-receipt")));
});
await patiently(text, async (model) => {
  const stream_options = { include_usage: true, include_receipt: true };
  const stream = await text.chat.completions.create({ model, messages, max_tokens: 16, stream: true, stream_options });
  let [said, receipt] = ["", null];
  for await (const chunk of stream) {
    said += chunk.choices[0]?.delta?.content ?? "";
    receipt = chunk.laurel_receipt ?? receipt;
  }
  check("streamed chat", said && receipt, { said, receipt });
});
await patiently(text, async (model) => {
  const completion = await text.completions.create({ model, prompt: "It is", max_tokens: 8 });
  check("completion", completion.choices[0].text, completion);
});
await patiently(vectors, async (model) => {
  const { data } = await vectors.embeddings.create({ model, input: ["one", "two"] });
  check("embeddings", data.length === 2 && data[1].embedding.length > 8, data);
});
await patiently(text, async (model) => {
  await refused("an unknown model is refused", NotFoundError, ["model_not_found", "model"], () =>
    text.chat.completions.create({ model: "gpt-x", messages }));
  const tools = [{ type: "function", function: { name: "f", parameters: {} } }];
  await refused("tools are refused by name", BadRequestError, ["invalid_parameter", "tools"], () =>
    text.chat.completions.create({ model, messages, tools }));
});
