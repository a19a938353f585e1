#!/usr/bin/env bash
# Runs Python with the packages of requirements/NAME.txt, in an environment of its own (.venv-NAME).
# usage: scripts/env/python.sh NAME SCRIPT.py [its arguments]
#        readers     what reads the files that engram writes for others; tests read them back with it (130 MB)
#        optuna      Optuna, which sweep/search is compared with
#        environments  Gymnasium and POPGym, whose environments engram learns (make python-env; 100 MB)
#        neurogym    NeuroGym, PyTorch, which it imports, and sb3-contrib (make neurogym-env; 5.7 GB)
#        site        Sphinx, which makes the site of docs and notebooks (make site; 120 MB)
#        reference   NeuroGym, PyTorch and JAX, which record reference values and are compared in speed (5 GB)
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/../.."
. scripts/env/venv.sh

name=${1:?a name, such as readers} environment=$PWD/.venv-$1
shift
case $name in
readers) what="NumPy, ONNX Runtime, safetensors, TensorBoard and HTCondor (130 MB)" ;;
optuna) what="Optuna" ;;
environments) what="Gymnasium and POPGym (100 MB)" ;;
neurogym) what="NeuroGym, PyTorch and sb3-contrib (5.7 GB)" ;;
site) what="Sphinx (120 MB)" ;;
reference) what="NeuroGym, PyTorch and JAX (5 GB)" ;;
*)
    echo "python.sh: invalid environment $name: use readers, optuna, environments, neurogym, site or reference" >&2
    exit 2
    ;;
esac
if ! install_requirements ".venv-$name" "$name" "$what"; then
    echo "python.sh: $what could not be installed into .venv-$name: see the message above and repeat" >&2
    exit 1
fi
cd "$here"
exec "$environment/bin/python" "$@"
