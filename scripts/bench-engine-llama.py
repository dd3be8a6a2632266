"""llama.cpp's side of bench-engine.sh: bench-engine-llama.py MODEL.gguf THREADS.

Prints what the bench `model` of laurel-engine prints: seconds for 512 tokens, for a token after them, for one of 8 texts.
"""
import sys
import time

import llama_cpp

PROMPT, ANSWER, TEXTS = 512, 64, 8
# Kept, because llama.cpp calls it as long as it runs.
QUIET = llama_cpp.llama_log_callback(lambda *_: None)
TOKENS = [index * 7919 % 30000 for index in range(PROMPT)]


def batch(texts):
    """A batch of (text, position, tokens); logits of each text's last token."""
    made = llama_cpp.llama_batch_init(sum(len(tokens) for _, _, tokens in texts), 0, TEXTS)
    row = 0
    for text, position, tokens in texts:
        for index, token in enumerate(tokens):
            made.token[row] = token
            made.pos[row] = position + index
            made.n_seq_id[row] = 1
            made.seq_id[row][0] = text
            made.logits[row] = index + 1 == len(tokens)
            row += 1
    made.n_tokens = row
    return made


def step(context, texts, now):
    made = batch(texts)
    begin = now()
    if llama_cpp.llama_decode(context, made):
        raise SystemExit("llama_decode failed")
    llama_cpp.llama_synchronize(context)
    seconds = now() - begin
    llama_cpp.llama_batch_free(made)
    return seconds


def median(values):
    return sorted(values)[len(values) // 2]


def main(model, threads):
    llama_cpp.llama_log_set(QUIET, None)
    llama_cpp.llama_backend_init()
    loaded = llama_cpp.llama_model_load_from_file(model.encode(), llama_cpp.llama_model_default_params())
    if not loaded:
        raise SystemExit(f"llama.cpp does not load {model}")
    options = llama_cpp.llama_context_default_params()
    options.n_ctx = TEXTS * (PROMPT + ANSWER)
    options.n_batch = options.n_ubatch = PROMPT
    options.n_seq_max = TEXTS
    options.n_threads = options.n_threads_batch = int(threads)
    context = llama_cpp.llama_init_from_model(loaded, options)
    if not context:
        raise SystemExit(f"llama.cpp does not run {model}")
    # As the engine's bench: on one thread its time on the processor.
    now = time.thread_time if int(threads) == 1 else time.perf_counter
    prefill = [step(context, [(text, 0, TOKENS)], now) for text in range(TEXTS)]
    decode = [step(context, [(0, PROMPT + index, [index])], now) for index in range(ANSWER)]
    memory = llama_cpp.llama_get_memory(context)
    llama_cpp.llama_memory_seq_rm(memory, 0, PROMPT, -1)
    together = [step(context, [(text, PROMPT + index, [index]) for text in range(TEXTS)], now) for index in range(ANSWER)]
    print(f"{median(prefill):.6f} {median(decode):.6f} {median(together):.6f}")


main(*sys.argv[1:])
