"""Libraries around language models, on models and texts that are made here: nothing is downloaded, nobody is asked."""

import os

from .work import Work

TEXTS = ["the model reads the text", "the text trains the model", "a model and a text"] * 4
QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "TRANSFORMERS_OFFLINE": "1",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
}


def tokenizers_works(work: Work) -> None:
    """A small byte-pair encoding is trained; what it encodes comes back, also after a file."""
    import tokenizers
    from tokenizers import decoders, models, pre_tokenizers, trainers

    work.at("training a tokenizer")
    made = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False, special_tokens=["[PAD]"])
    made.train_from_iterator(TEXTS, trainer)
    work.at("encoding and decoding")
    text = "the m\u00f6del reads: 42\u20ac"
    ids = made.encode(text).ids
    work.expect(made.decode(ids) == text, "an encoded text is decoded as %r" % made.decode(ids)[:80])
    work.expect(len(made.encode("the model").ids) < len("the model"), "the trained tokenizer joins no letters")
    work.at("storing and loading a tokenizer")
    made.save(work.path("tokenizer.json"))
    again = tokenizers.Tokenizer.from_file(work.path("tokenizer.json"))
    work.expect(again.encode(text).ids == ids, "a stored tokenizer encodes differently")
    work.figures["tokens"] = len(ids)


def transformers_works(work: Work) -> None:
    """A tiny BERT with random weights: shape, finite, the same for a batch and for one, and after it was stored."""
    os.environ.update(QUIET)
    import torch
    from transformers import BertConfig, BertModel

    work.at("building a model")
    torch.manual_seed(0)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 37}
    model = BertModel(BertConfig(vocab_size=99, max_position_embeddings=32, **size)).eval()
    work.at("a forward pass")
    ids = (torch.arange(14) * 7 % 99).reshape(2, 7)
    with torch.no_grad():
        states = model(ids).last_hidden_state
        alone = model(ids[:1]).last_hidden_state
    work.expect(tuple(states.shape) == (2, 7, 32), "the result has the shape %s instead of (2, 7, 32)" % (tuple(states.shape),))
    work.expect(bool(torch.isfinite(states).all()), "the result has values that are not finite")
    work.expect(bool(torch.allclose(states[:1], alone, atol=1e-4)), "a text in a batch gives another result than alone")
    work.at("storing and loading a model")
    model.save_pretrained(work.path("bert"))
    again = BertModel.from_pretrained(work.path("bert")).eval()
    with torch.no_grad():
        same = torch.allclose(again(ids).last_hidden_state, states, atol=1e-5)
    work.expect(bool(same), "a stored model gives another result")


def chromadb_works(work: Work) -> None:
    """Three vectors in a collection in memory, asked for the nearest; the embeddings are given, and none is downloaded."""
    os.environ.update(QUIET)
    import chromadb
    from chromadb.config import Settings

    work.at("making a collection")
    client = chromadb.EphemeralClient(Settings(anonymized_telemetry=False, is_persistent=False))
    collection = client.create_collection("mlenv-doctor", embedding_function=None)
    work.at("adding vectors")
    vectors = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    collection.add(
        ids=["a", "b", "c"], embeddings=vectors, documents=["one", "two", "three"], metadatas=[{"n": n} for n in range(3)]
    )
    work.at("querying vectors")
    found = collection.query(query_embeddings=[[0.1, 0.9, 0.0]], n_results=2, include=["documents", "distances"])
    work.expect(found["ids"][0][:1] == ["b"] and found["documents"][0][:1] == ["two"], "the nearest vector is not found")
    work.expect(
        abs(found["distances"][0][0] - 0.02) < 1e-3, "the distance of the nearest is %r, not 0.02" % found["distances"][0][0]
    )
    filtered = collection.query(query_embeddings=[[0.1, 0.9, 0.0]], n_results=1, where={"n": 2})
    work.expect(filtered["ids"] == [["c"]], "a filter on metadata is not applied")


def langchain_works(work: Work) -> None:
    """A prompt, a model that always says the same, and a parser, in one chain."""
    os.environ.update(QUIET)
    from langchain_core.language_models import FakeListChatModel
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate

    work.at("building a chain")
    prompt = ChatPromptTemplate.from_messages([("system", "Answer."), ("human", "Is {what} ready?")])
    work.expect(prompt.format_messages(what="it")[-1].content == "Is it ready?", "a prompt is not filled in")
    chain = prompt | FakeListChatModel(responses=["ready", "done"]) | StrOutputParser()
    work.at("running a chain")
    work.expect([chain.invoke({"what": "it"}), chain.invoke({"what": "it"})] == ["ready", "done"], "a chain changes an answer")
    work.at("streaming from a chain")
    said = "".join(chain.stream({"what": "it"}))
    work.expect(said == "ready", "the answer 'ready' is streamed as %r" % str(said)[:80])
