"""The hosts of one job: they begin together, learn when one fails, and end together.

Some launchers end all hosts when the first one ends (SageMaker's local mode does), and most start
a container again that was killed. So the first host of the list listens on port 7778, or
`MLDOCK_HOSTS_PORT`, and each other one keeps a connection to it. Both send lines of text:

    NAME ready          who I am, and that I can train; after a new connection again
    saved               my results are saved
    stopped             so they are, but the platform stops me before the end
    failed REASON       I have failed: the job has

    begin               all are there, or were there already
    end                 all have saved
    failed REASON       the job has failed, so stop

A connection that ends means a host that is gone. It has `MLDOCK_HOSTS_TIMEOUT` seconds (300) to
come back, killed and started again or not; then the job fails on all hosts. What the trainers do
meanwhile is for the engine that connects them. When the first host is gone, the others look for it
for as long.
"""
