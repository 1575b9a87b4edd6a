"""What offices call the columns and tables that our template calls otherwise. Data: add what a real ledger taught you.

Each line is one meaning. A column of ours belongs to a line that holds its name or one of its 别名; so an office's own columns
profit from them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from syncer.core.reading.header_names import header_key

_COLUMNS = """
任务编号 编号 序号编号 任务号 编码 任务编码 项目编号 指标编号 清单编号
板块 工作板块 工作类别 任务类别 项目类别 一级指标 领域 工作领域 方面 大类 创建板块 测评项目 类别 分类 工作模块 专项
重点任务 任务 任务名称 工作任务 重点工作 工作内容 主要任务 任务内容 具体任务 工作事项 事项 重点事项 工作项目 创建任务 任务事项 工作名称 目标任务 任务分解 创建内容 创建项目 测评内容 具体工作 项目内容 重点工作内容 重点工作任务 工作任务内容 主要工作 重点工作事项
完成标准 工作标准 目标要求 工作要求 具体要求 工作目标 任务要求 标准要求 达标要求 测评标准 创建标准 完成要求 具体措施 工作措施 主要措施 工作举措 主要举措 推进措施
完成时限 时限 时间要求 计划时间 时间节点 完成时间 办理时限 时间安排 时限要求 计划完成时间 要求完成时间 完成节点 截止时间 截止日期 期限 进度安排 完成期限
目标值 目标 年度目标 目标数 任务数 计划数 年度目标值 指标值 目标量
完成率 进度 完成进度 完成百分比 完成比例 进度百分比 完成度 工作进度 任务进度 百分比 进展比例 推进进度 完成比
工作状态 状态 进展状态 目前状态 当前状态 任务状态 完成状态 是否完成 办理状态 推进状态 进度状态 办理情况 完成与否 落实状态
上周完成情况 上周情况 上周进展 上期进展 上周工作完成情况 上期完成情况 上周工作
本周完成情况 本周进展 本周工作 进展情况 工作进展 完成情况 工作完成情况 本周工作完成情况 推进情况 工作推进情况 落实情况 工作落实情况 目前进展 当前进展 最新进展 工作进展情况 开展情况 工作开展情况 本期进展 本期进展情况 本期完成情况 任务进展 任务完成情况 本周工作进展 完成情况说明 阶段性成效 工作成效 进展 目前进展情况 主要做法 推进落实情况
下周工作计划 下周计划 下步计划 下一步工作 下周安排 下周工作安排 下步打算 下一步打算 下步工作打算 下一步计划 下一步工作计划 下步措施 下一步措施 工作打算 下期计划 下期工作打算 下步工作 下一步工作打算 下阶段计划 下阶段工作安排
存在问题或滞后原因 存在问题 滞后原因 问题及原因 存在的问题 问题原因 存在困难 存在的困难 困难问题 存在问题及原因 困难和问题 存在的困难和问题 未完成原因 存在困难及问题 主要问题 问题困难 遇到的问题 遇到困难 遇到的困难 滞后原因分析 问题和建议 问题建议 问题及建议 存在问题及建议 存在问题和困难
预计完成日期 预计完成时间 预计完成时限 预计时间 计划完成日期 拟完成时间
需协调事项 需要协调事项 需协调解决的问题 需协调解决事项 需协调解决问题 协调事项 请求事项 需领导协调事项 需上级协调事项 需帮助解决事项 意见建议 需支持事项 需要支持事项 需要帮助事项
责任人 经办人 具体责任人 负责人 承办人 具体负责人 直接责任人 联络人 办理人 具体经办人 填写人 填报人
实际完成日期 完成日期 完成时间 办结日期 办结时间 实际完成时间 完成日 完结时间
佐证份数 佐证材料份数 材料份数 佐证数量
督办意见 督办 批示意见 督办情况 督查意见 领导批示
备注 说明 其他说明 其他 备注说明 其它
亮灯 亮灯情况 预警 红黄绿灯 预警情况
配合完成情况 配合情况 配合进展 配合落实情况
日期 活动日期 活动时间 时间 开展时间 开展日期 举办时间 举办日期
日期 学习日期 学习时间 时间 开课时间
日期 服务日期 服务时间 活动日期 时间 开展时间
日期 成文日期 形成日期 材料日期 时间 形成时间 落款日期 发文日期
活动名称 活动主题 名称 主题 活动项目 活动题目 活动 活动内容及名称
类别 活动类别 活动类型 类型 活动形式 类 形式
对应任务 任务编号 对应任务编号 所属任务 对应创建任务 对应任务序号 对应项目 关联任务
地点 活动地点 举办地点 活动场所 服务地点 开展地点 活动地址 地址
主办 主办单位 承办单位 组织单位 牵头单位 责任单位 组织科室 承办科室 主办科室 责任科室 组织者 主办方 承办方
参与单位 参加单位 参加人员范围 参加人员 参与人员 参与范围 参加对象 参与对象
参加人数 人数 参与人数 参加人次 参与人次 参加人员数 规模 活动人数 参与数 参加数 人员数
主要内容 活动内容 内容 活动情况 主要情况 活动简介 活动概况 内容简介 情况简介 活动过程
成效 活动成效 活动效果 取得成效 效果 社会效果 取得效果 活动反响 反响
宣传链接 链接 报道链接 宣传报道 新闻链接 宣传报道情况 媒体报道 报道网址 公众号链接 网址
形式 学习形式 学习方式 学习类型 方式
主题 学习主题 学习内容 内容 题目 学习题目 学习篇目 主要内容
主讲人 授课人 领学人 主持人 讲课人 主讲 领学
时长 学时 课时 学习时长 时长小时 学习课时
应到 应到人数 应参加人数 应参学人数
实到 实到人数 参加人数 实参加人数 实际参加人数 参学人数
缺席原因 缺勤原因 未到原因 请假情况 缺席人员及原因 请假人员 缺席人员 缺勤人员 请假人员及原因
心得篇数 心得体会篇数 心得体会 心得 撰写心得篇数
姓名 志愿者姓名 志愿者
注册号 志愿者编号 注册编号 志愿者注册号 志愿者证号
注册日期 注册时间 登记日期
状态 志愿者状态 当前状态
项目 服务项目 项目名称 活动名称 服务内容 志愿服务项目
人均时长 每人时长 服务时长 人均服务时长 人均小时 每人服务小时数 每人小时数 每人服务时长
人员名单 参加人员 志愿者名单 名单 参与人员名单 参加志愿者
已录系统 是否录入系统 已录入系统 是否录入 系统录入情况
题名 材料名称 标题 文件名称 材料题名 文件题名 资料名称 文件标题
类型 材料类型 材料类别 种类 载体类型
文号 文件编号 发文字号 文件字号
责任者 发文单位 形成单位 拍摄人 制发单位 发文机关
页数 页码 张数 页
印证任务或活动 印证任务 印证活动 对应任务 佐证任务 佐证内容
印证位置 印证页码 印证段落
发现日期 发现时间 检查日期 检查时间 反馈时间 交办时间 反馈日期 交办日期 督查时间
来源 问题来源 检查来源 发现途径 交办单位 反馈来源
问题 存在问题 问题描述 问题内容 具体问题 反馈问题 存在的问题 问题清单 问题表现 检查发现问题 主要问题 发现的问题
责任单位 责任科室 整改单位 牵头单位 整改责任单位 责任部门 承办单位 牵头科室 整改科室
责任人 整改责任人 负责人 整改负责人
整改措施 措施 整改情况 整改举措 整改办法 整改要求 整改方案 拟采取措施
整改时限 时限 整改期限 完成时限 整改完成时限 要求整改时间 整改时间
进展 整改进展 整改状态 进展情况 整改进度 整改结果 是否整改 完成情况 整改落实情况
完成日期 整改完成日期 完成时间 整改完成时间 实际完成时间 销号时间
牵头单位 责任单位 牵头科室 责任科室 牵头部门 责任部门 主责单位 承办单位 主办单位 承办科室 单位 科室 部门 填报单位 填报科室 牵头 责任主体 报送单位 所属单位 所属科室 牵头责任单位
配合单位 协助单位 配合科室 配合部门 参与单位 协同单位 配合 协办单位 参加单位 协作单位 配合责任单位
序号 号 排序 序 次序 行号
责任领导 分管领导 牵头领导 包保领导 责任局领导 主管领导 分管局领导
频次 工作频次 周期 开展频次
量化指标 量化目标 指标 考核指标 量化要求
计量单位 单位计量
测评指标 对应指标 测评项目 指标编号 三级指标 对应测评指标
"""
_TABLES = """
任务清单 任务分解 任务推进 工作台账 任务台账 重点工作 重点任务 工作进展 周报 工作周报 推进台账 任务分解表 推进情况 责任清单 工作任务 创建任务 落实情况 进度表 工作清单 工作推进 目标任务
配合任务 配合工作 协办任务 配合事项
活动台账 活动登记 活动开展情况 活动记录 活动一览 活动情况 主题活动 活动统计 活动清单 活动汇总
学习教育 学习登记 理论学习 学习记录 学习台账 学习情况 教育培训 集中学习
志愿者名册 志愿者登记 志愿者花名册 志愿者名单 志愿者信息
志愿服务 志愿服务记录 志愿活动 志愿服务活动 志愿服务台账 志愿服务登记
材料目录 档案目录 材料清单 资料目录 佐证材料 材料台账 卷内目录 归档目录 资料清单
问题整改 整改台账 问题清单 整改清单 反馈问题 问题台账 整改情况 督查反馈 整改落实
"""

LEAD_NAMES = ("牵头单位", "责任单位")
SUPPORT_NAMES = ("配合单位",)
SERIAL_NAMES = ("序号",)
PLAN_NAMES = {  # fields of a task that only 任务分解 has (`Task`), by what they are called there
    "leader": "责任领导",
    "frequency": "频次",
    "metric": "量化指标",
    "measure": "计量单位",
    "indicator": "测评指标",
}

PAST, NOW, NEXT = (
    re.compile(r"上[一]?[周期月次]|上季度|此前|前期"),
    re.compile(r"本[周期月次]|本季度|目前|当前|最新|现阶段"),
    re.compile(r"下[一]?[周期月次步]|下[一]?阶段|下季度|打算|今后"),
)


_SAME_WORDS = (
    (re.compile(r"(?:责任)?(?:科室|处室|股室|部门|单位)"), "单位"),
    (re.compile(r"^(?:主责|主办|承办|牵头责任)单位"), "牵头单位"),
    (re.compile(r"^(?:协办|协助|协同|协作)单位"), "配合单位"),
    (re.compile(r"[的之和及与、/]"), ""),
)


def column_key(text: str) -> str:
    """Returns a column's name as names are compared across offices: 科室, 部门 are 单位, particles say nothing.

    ``column_key("主责科室")`` → ``"牵头单位"``, ``column_key("存在的问题")`` → ``"存在问题"``.
    """
    key = header_key(text)
    for pattern, word in _SAME_WORDS:
        key = pattern.sub(word, key)
    return key or header_key(text)


def _lines(text: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(map(column_key, line.split())) for line in text.strip().splitlines())


COLUMN_WORDS, TABLE_WORDS = _lines(_COLUMNS), _lines(_TABLES)
ALL_COLUMN_WORDS = frozenset().union(*COLUMN_WORDS)


def synonyms(names: Iterable[str], lines: tuple[frozenset[str], ...] = COLUMN_WORDS) -> frozenset[str]:
    """Returns what else a thing of these names is called.

    The first name counts: a line that holds it says what it means; where none does, the lines that hold another.
    """
    keys = [column_key(name) for name in names]
    found = [line for line in lines if keys and keys[0] in line]
    if len(found) > 1 and len(keys) > 1:  # 日期 means several things: the other names tell which
        most = max(len(line & set(keys)) for line in found)
        found = [line for line in found if len(line & set(keys)) == most]
    found = found or [line for line in lines if line & set(keys)]
    return frozenset().union(*found)


def facet(text: str) -> str:
    """Returns which time a column is about: ``past``, ``now``, ``next``, or ``""``."""
    folded = header_key(text)
    for name, pattern in (("next", NEXT), ("past", PAST), ("now", NOW)):
        if pattern.search(folded):
            return name
    return ""
