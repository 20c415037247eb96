"""posterior.nc: the draws in a file that an ArviZ user opens at once.

Written straight through h5netcdf: importing xarray would take longer than the importance engine.
"""

from __future__ import annotations

from pathlib import Path

import h5netcdf
import h5py

from engine.app.draws import Groups


def write_netcdf(path: Path, draws: Groups) -> None:
    """Write groups as netCDF-4; each group carries the coordinates its variables use."""
    with h5netcdf.File(path, "w") as file:
        file.attrs.update(draws.attrs)
        for name, variables in draws.groups.items():
            group = file.create_group(name)
            for dim, coordinate in draws.coordinates(name).items():
                group.dimensions[dim] = len(coordinate)
                whole = coordinate.dtype.kind == "i"
                kind = "i8" if whole else h5py.string_dtype()
                group.create_variable(dim, (dim,), kind, data=coordinate if whole else coordinate.astype(object))
            for variable_name, variable in variables.items():
                group.create_variable(variable_name, variable.dims, "f8", data=variable.values)
