"""Three examples for each command, as its help and the man page show them."""

EXAMPLES = {
    "": (
        ("mlenv-doctor", "Check this machine for the project in this folder."),
        ("mlenv-doctor fix --apply", "Repair what is wrong: shows the plan and asks first."),
        ("mlenv-doctor run -- python train.py", "Run a program and explain the error if it fails."),
    ),
    "check": (
        ("mlenv-doctor check", "Check everything that the project in this folder uses."),
        ("mlenv-doctor check gpu torch --deep", "Check the GPU and PyTorch, and compute something on the GPU."),
        ("mlenv-doctor check --python ../other/.venv --format json", "Check another environment; print the report as JSON."),
        ("mlenv-doctor check --demo", "List ten stored machines; with a name, show what the doctor says of one."),
    ),
    "completion": (
        ('eval "$(mlenv-doctor completion bash)"', "Turn completion on in this bash; put the line into ~/.bashrc to keep it."),
        ('eval "$(mlenv-doctor completion zsh)"', "The same for zsh and ~/.zshrc."),
        (
            "mlenv-doctor completion fish > ~/.config/fish/completions/mlenv-doctor.fish",
            "Turn completion on in every fish that starts from now on.",
        ),
    ),
    "diff": (
        ("mlenv-doctor diff monday.json today.json", "Show what changed between two saved reports or snapshots."),
        ("mlenv-doctor diff laptop.json server.json", "Compare two machines."),
        ("mlenv-doctor diff monday.json today.json --format json", "The same as JSON."),
    ),
    "explain": (
        ("mlenv-doctor explain \"ModuleNotFoundError: No module named 'cv2'\"", "Explain an error message."),
        ("mlenv-doctor explain error.txt --from snapshot.json", "Explain an error of another machine, from its snapshot."),
        ("mlenv-doctor explain cpu-only-torch", "Explain a cause that a report names."),
    ),
    "fix": (
        ("mlenv-doctor fix", "Print the commands that repair this machine; changes nothing."),
        ("mlenv-doctor fix --dry-run", "Show what --apply would change: packages, files, downloads."),
        ("mlenv-doctor fix --apply", "Show the plan, ask, repair, check again, and undo what did not help."),
    ),
    "fleet": (
        ("mlenv-doctor fleet files nodes/", "Compare the snapshots and reports in a folder."),
        ("mlenv-doctor fleet ssh node[1-8] gpu", "Check the GPUs of eight machines by ssh."),
        ("mlenv-doctor fleet slurm --quick -- --nodes=4", "Check four nodes of a Slurm cluster, files only."),
    ),
    "fleet answer": (
        ("mlenv-doctor fleet answer > node1.json", "Save this machine's answer for `fleet files`."),
        ("mlenv-doctor fleet answer --as node1", "Print the answer into a log that `fleet files -` reads."),
        ("mlenv-doctor fleet answer --quick gpu", "Answer only about the GPU, from files only."),
    ),
    "fleet dask": (
        ("mlenv-doctor fleet dask tcp://scheduler:8786", "Check every host of a Dask cluster."),
        ("mlenv-doctor fleet dask tcp://scheduler:8786 libraries", "Compare the libraries only."),
        ("mlenv-doctor fleet dask tcp://scheduler:8786 --format json", "Print the result as JSON."),
    ),
    "fleet files": (
        ("mlenv-doctor fleet files nodes/", "Compare all snapshots and reports in a folder."),
        ("mlenv-doctor fleet files node1.json node2.json", "Compare two nodes."),
        ("kubectl logs -l app=doctor | mlenv-doctor fleet files -", "Compare the answers in the logs of many pods."),
    ),
    "fleet ray": (
        ("mlenv-doctor fleet ray", "Check every node of the Ray cluster that this machine belongs to."),
        ("mlenv-doctor fleet ray --address ray-head:6379", "Check every node of another Ray cluster."),
        ("mlenv-doctor fleet ray gpu torch --output html:fleet.html", "Check GPU and PyTorch, and write a page as well."),
    ),
    "fleet slurm": (
        ("mlenv-doctor fleet slurm", "Check the nodes of the job that this runs in."),
        ("mlenv-doctor fleet slurm gpu -- --nodes=4 --partition=gpu", "Check the GPUs of four nodes that srun gets."),
        ("mlenv-doctor fleet slurm --folder /shared/churn", "Check the project in this folder on each node."),
    ),
    "fleet ssh": (
        ("mlenv-doctor fleet ssh node[1-8]", "Check eight machines."),
        ("mlenv-doctor fleet ssh @gpu gpu torch", "Check GPU and PyTorch on a group of ClusterShell's."),
        ("mlenv-doctor fleet ssh node[1-8] --quick --nagios", "Answer as a plug-in of Nagios, from files only."),
    ),
    "init": (
        ("mlenv-doctor init github", "Write a workflow for GitHub Actions."),
        ("mlenv-doctor init gitlab -", "Print the job for GitLab CI and write nothing."),
        ("mlenv-doctor init docker Dockerfile.gpu", "Write a Dockerfile under another name."),
    ),
    "list": (("mlenv-doctor list", "List every check with its id; `mlenv-doctor explain ID` says more about one."),),
    "run": (
        ("mlenv-doctor run -- python train.py --epochs 3", "Run a program; if it fails, explain why."),
        ("mlenv-doctor run python -m pytest", "The same for tests; -- is only needed before options."),
        ("mlenv-doctor run jupyter lab", "Run Jupyter, and say why if it does not start."),
    ),
    "schema": (
        ("mlenv-doctor schema", "Print the JSON schema of `check --format json`."),
        ("mlenv-doctor schema snapshot", "Print the JSON schema of snapshots."),
    ),
    "setup": (
        ("mlenv-doctor setup", "Make .venv in this folder and install what the project declares."),
        ("mlenv-doctor setup --dry-run", "Show the steps; changes nothing."),
        ("mlenv-doctor setup churn --python 3.12 --profile all", "Set up a new folder with Python 3.12 for the whole roadmap."),
    ),
    "snapshot": (
        ("mlenv-doctor snapshot > patient.json", "Save the facts of this machine, to send them to somebody."),
        ("mlenv-doctor check --from patient.json", "Check that machine from its snapshot."),
        ("mlenv-doctor snapshot --quick > patient.json", "The same from files only: imports nothing."),
    ),
    "undo": (
        ("mlenv-doctor undo --list", "List what can be undone."),
        ("mlenv-doctor undo", "Bring back what was there before the last repair."),
        ("mlenv-doctor undo 3", "Bring back what was there before repair 3."),
    ),
}
