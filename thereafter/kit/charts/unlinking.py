"""Charts and tables without their links, for readers who may not follow them."""

from dataclasses import replace

from thereafter.kit.charts.kinds import Chart, Forest, Grid, Heat, Ranked
from thereafter.kit.charts.tables import Table


def chart_alone(chart: Chart) -> Chart:
    match chart:
        case Heat():
            return replace(chart, rows=[replace(row, url="") for row in chart.rows])
        case Grid():
            return replace(chart, boxes=[[replace(box, url="") for box in row] for row in chart.boxes])
        case Forest():
            return replace(chart, effects=[replace(one, url="") for one in chart.effects])
        case Ranked():
            return replace(chart, bars=[replace(bar, url="") for bar in chart.bars])
        case _:
            return chart


def table_alone(table: Table) -> Table:
    return replace(table, urls=())
