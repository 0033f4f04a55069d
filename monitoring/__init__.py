"""What operators see: metrics, logs, alerts, dashboards.

    metrics       every metric, one row each
    metric_rows   what a row says: name, kind, labels, buckets, which part shows it
    shared_figures  metrics of several processes that count together
    metrics_port  where Prometheus reads them: a port for each program, never the public site's
    processes     memory, processor time and open files of a part's processes
    readiness     a program that answers nobody says that it is at work
    build         which version of the board this is
    logs          one line an event; the request that a line belongs to
    lean_start    what is not loaded for them
    nginx_log     hears what nginx says while it serves
    dashboards    writes grafana/dashboards/ from one table of panels
    panels        what a page and a panel of Grafana's are

    prometheus.yml    what is scraped: the parts and the exporters beside them, in containers
    prometheus.server.yml   the same where `up` or systemd runs the parts
    rules/            recording rules and alerts, which lead to docs/alerts.md
    alertmanager.yml  who is told of which alert
    grafana/          data sources and dashboards, provisioned
    loki.yml          the log store
    alloy/            the collector that fills it

Imported by every room; imports none of them.
"""
