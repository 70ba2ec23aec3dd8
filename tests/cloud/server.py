"""The emulated AWS with the resources of stacks that moto lacks, as a program.

usage: python -m cloud.server PORT FRONT_PORT
"""

import sys

from cloud.stacks import complete_stacks
from kit import aws_server

if __name__ == "__main__":
    complete_stacks()
    aws_server.main(int(sys.argv[1]), int(sys.argv[2]))
