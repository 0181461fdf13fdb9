"""The faces: command line and Streamlit page. They put the parts together and show results; they decide nothing else."""
