"""torch: a small network trained on data that two worker processes load, saved and loaded; on the first GPU as well."""

from .work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STEPS, BATCH, WIDTH = 20, 32, 16


def torch_works(work: Work) -> None:
    """The loss of a learnable task falls, a saved network gives the same answers, and a GPU the same as the CPU."""
    import torch

    torch.manual_seed(0)
    rows = torch.randn(STEPS * BATCH, WIDTH)
    labels = (rows[:, 0] + rows[:, 1] > 0).float().unsqueeze(1)
    work.at("training on the CPU")
    network = _network(torch)
    first, last = _train(torch, network, [(rows[n : n + BATCH], labels[n : n + BATCH]) for n in range(0, len(rows), BATCH)])
    work.figures.update({"steps": float(STEPS), "first loss": round(first, 3), "last loss": round(last, 3)})
    work.expect(last == last, "the loss is not a number (NaN)")
    work.expect(last < 0.8 * first, "the loss does not fall: %.2f, then %.2f after %d steps" % (first, last, STEPS))
    _workers(work, torch, rows, labels)
    work.at("saving and loading a network")
    network.eval()
    torch.save(network.state_dict(), work.path("network.pt"))
    again = _network(torch)
    again.load_state_dict(torch.load(work.path("network.pt")))
    again.eval()
    with torch.no_grad():
        work.expect(torch.equal(again(rows), network(rows)), "the network that was loaded gives other answers")
    if torch.cuda.is_available():
        _gpu(work, torch, network, rows)


def _network(torch: "Any") -> "Any":
    nn = torch.nn
    return nn.Sequential(nn.Linear(WIDTH, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))


def _train(torch: "Any", network: "Any", batches: "Any") -> "Any":
    """Adam and a scheduler over some batches, four times; the mean loss of the first steps and that of the last."""
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.9)
    loss_of = torch.nn.BCEWithLogitsLoss()
    losses = []
    for inputs, targets in batches:
        optimizer.zero_grad()
        loss = loss_of(network(inputs), targets)
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(float(loss))
    return losses[0], sum(losses[-3:]) / 3


def _workers(work: Work, torch: "Any", rows: "Any", labels: "Any") -> None:
    """Batches by way of two worker processes: they come through shared memory and must be what was put in."""
    work.at("loading data with two worker processes")
    wide = torch.cat([rows] * 64, dim=1)  # 128 kB a batch: as large as small pictures
    dataset = torch.utils.data.TensorDataset(wide, labels)
    loader = torch.utils.data.DataLoader(dataset, batch_size=BATCH, num_workers=2)
    total = sum(float(inputs.double().sum()) for inputs, _ in loader)
    work.expect(abs(total - float(wide.double().sum())) < 1e-3, "what the workers load is not what was put in")


def _gpu(work: Work, torch: "Any", network: "Any", rows: "Any") -> None:
    """The answers of the first GPU against those of the CPU."""
    name = torch.cuda.get_device_name(0)
    work.at("computing on GPU 0 (%s)" % name)
    with torch.no_grad():
        here = network(rows)
        there = network.to("cuda:0")(rows.to("cuda:0")).cpu()
    apart = float((here - there).abs().max())
    work.expect(apart < 1e-2, "GPU 0 (%s) differs from the CPU by %g" % (name, apart))
    work.words["gpu"] = ", and GPU 0 gives the same as the CPU"
