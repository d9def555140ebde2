"""Views: one file each. A view draws what the tape holds up to a step.

To add one, write a subclass of ``View`` in a file of its own and name it in
``gradsim.ui.views.catalogue``.
"""
