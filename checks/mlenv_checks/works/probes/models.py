"""scikit-learn and joblib: models cross-validated in two processes, written to a file and read again."""

from .work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def data() -> "Any":
    """Two classes that most models can tell apart."""
    from sklearn.datasets import make_classification

    return make_classification(n_samples=300, n_features=10, n_informative=6, class_sep=1.5, random_state=0)


def sklearn_works(work: Work) -> None:
    """The roadmap's own program in small: three models, three folds; two processes must give what one gives."""
    import joblib
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows, labels = data()
    folds = StratifiedKFold(n_splits=3, shuffle=True, random_state=0)
    models = {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression()),
        "random forest": RandomForestClassifier(n_estimators=20, random_state=0),
        "gradient boosting": GradientBoostingClassifier(n_estimators=10, random_state=0),
    }
    alone = {}
    for name, model in models.items():
        work.at("cross-validating a %s" % name if name[0] != "g" else "cross-validating gradient boosting")
        scores = cross_val_score(model, rows, labels, cv=folds)
        alone[name] = scores
        work.expect(scores.mean() > 0.7, "%s gets %.2f of an easy task right" % (name, scores.mean()))
    work.figures["accuracy"] = round(float(alone["random forest"].mean()), 3)
    work.at("cross-validating in two processes (n_jobs=2)")
    both = cross_val_score(models["random forest"], rows, labels, cv=folds, n_jobs=2)
    work.expect(abs(both - alone["random forest"]).max() < 1e-9, "two processes give other scores than one")
    work.at("writing and reading a model with joblib")
    model = models["random forest"].fit(rows, labels)
    joblib.dump(model, work.path("model.joblib"))
    again = joblib.load(work.path("model.joblib"))
    work.expect((again.predict(rows) == model.predict(rows)).all(), "the model that was read predicts something else")
